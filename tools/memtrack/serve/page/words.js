// How numbers read.

const kUnits = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/// "512 B", "4.0 KiB", "12.5 MiB"
export function bytes(number) {
  if (number === null || number === undefined) return '?';
  let unit = 0;
  let amount = Math.abs(number);
  while (amount >= 1023.95 && unit + 1 < kUnits.length) {
    amount /= 1024;
    ++unit;
  }
  const digits = unit === 0 || amount >= 100 ? 0 : 1;
  return `${number < 0 ? '−' : ''}${amount.toFixed(digits)} ${kUnits[unit]}`;
}

/// For an axis, whose numbers are round: "0", "256 KiB", "1.5 GiB"
export function roundBytes(number) {
  return number === 0 ? '0' : bytes(number).replace('.0 ', ' ');
}

/// "+1.5 MiB"; "0" for less than a byte
export function change(number) {
  if (Math.abs(number) < 1) return '0';
  return (number > 0 ? '+' : '') + bytes(number);
}

export function count(number) {
  return number.toLocaleString('en');
}

export function counted(number, what) {
  return `${count(number)} ${what}${number === 1 ? '' : 's'}`;
}

/// "850 ms", "12 s", "3 min", "5 h", "9 d"
export function lasting(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 1) return `${Math.round(milliseconds)} ms`;
  if (seconds < 120) return `${Math.floor(seconds)} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172800) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86400)} d`;
}

export function clock(milliseconds) {
  return new Date(milliseconds).toLocaleTimeString('en-GB');
}

/// A number of a verdict, by what its name says that it is.
export function evidence(name, value) {
  if (/bytes|size/.test(name)) return /per_minute|change/.test(name) ? change(value) : bytes(value);
  if (/seconds/.test(name)) return lasting(value * 1000);
  return Number.isInteger(value) ? count(value) : value.toFixed(1);
}

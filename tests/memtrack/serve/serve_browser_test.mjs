// The page of `memtrack serve` in a browser, while a program leaks: the tag that leaks is the one that
// is seen to grow. Arguments: MEMTRACK LEAKING_PROGRAM BUILD_FOLDER CHROMIUM.
import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {createServer} from 'node:http';
import {createRequire} from 'node:module';
import {createInterface} from 'node:readline';

const [memtrack, leakingProgram, build, executablePath] = process.argv.slice(2);
const {chromium} = createRequire(`${build}/browser/`)('playwright-core');

const kPatience = 60_000;
const kLeak = 'serve-leak';
const kSteady = 'serve-atlas';
const kMarkup = '<img src=x onerror=alert(1)>';
const running = [];

function check(what, holds) {
  assert.ok(holds, what);
  console.log(`ok: ${what}`);
}

// A program, and the first line that it prints.
async function start(program, ...words) {
  const child = spawn(program, words, {stdio: ['pipe', 'pipe', 'inherit']});
  running.push(child);
  const [line] = await once(createInterface(child.stdout), 'line');
  return {child, line};
}

async function openPage(browser, url, seen) {
  const page = await browser.newPage({viewport: {width: 1360, height: 900}, colorScheme: 'light'});
  page.setDefaultTimeout(kPatience);
  page.on('request', (request) => seen.requests.push(request.url()));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') seen.complaints.push(message.text());
  });
  page.on('pageerror', (error) => seen.complaints.push(String(error)));
  page.on('dialog', (dialog) => {
    seen.complaints.push(`a dialog: ${dialog.message()}`);
    return dialog.dismiss();
  });
  await page.goto(url);
  return page;
}

/// Bytes of a tag, as its row in the legend says.
function bytesOf(page, tag) {
  return page.locator(`#legend tr[data-tag="${tag}"]`).getAttribute('data-bytes').then(Number);
}

function waitForBytes(page, tag, least) {
  return page.waitForFunction(([name, bytes]) => {
    const row = document.querySelector(`#legend tr[data-tag="${name}"]`);
    return row && Number(row.dataset.bytes) >= bytes;
  }, [tag, least]);
}

// How many pixels of a tag's colour stand above each other in the chart, near its left and its right.
function thickness(page, tag) {
  return page.evaluate((name) => {
    const row = document.querySelector(`#legend tr[data-tag="${name}"]`);
    const color = getComputedStyle(row.querySelector('.swatch')).backgroundColor;
    const wanted = color.match(/\d+/g).slice(0, 3).map(Number);
    const canvas = document.querySelector('#chart canvas');
    const copy = new OffscreenCanvas(canvas.width, canvas.height);
    const pixelsOf = copy.getContext('2d', {willReadFrequently: true});
    pixelsOf.drawImage(canvas, 0, 0);
    const over = document.querySelector('#chart .u-over').getBoundingClientRect();
    const scale = canvas.width / canvas.getBoundingClientRect().width;
    const left = (over.left - canvas.getBoundingClientRect().left) * scale;
    const count = (part) => {
      const x = Math.round(left + over.width * scale * part);
      const {data} = pixelsOf.getImageData(x, 0, 1, canvas.height);
      let pixels = 0;
      for (let i = 0; i < data.length; i += 4) {
        if (wanted.every((value, k) => Math.abs(value - data[i + k]) <= 2)) ++pixels;
      }
      return pixels;
    };
    return {early: count(0.06), late: count(0.97)};
  }, tag);
}

// Takes out of the chart whatever else there is on this machine, so that ours is large enough to be measured.
async function takeOutOthers(page) {
  await page.evaluate(() => {
    const isOther = (row) => !row.dataset.tag.startsWith('serve-') && !row.classList.contains('off');
    for (;;) {
      const row = [...document.querySelectorAll('#legend tbody tr')].find(isOther);
      if (!row) break;
      row.querySelector('button').click();
    }
  });
  await page.waitForFunction(() => document.querySelector('#chart canvas'));
}

async function checkGrowth(page) {
  const card = page.locator(`#verdicts .leak[data-tag="${kLeak}"]`);
  await card.first().waitFor();
  check('the verdict names the tag that leaks', (await card.first().innerText()).includes(kLeak));
  check('it says what to do', (await card.first().locator('.advice').innerText()).length > 10);
  const steady = await bytesOf(page, kSteady);
  await waitForBytes(page, kLeak, await bytesOf(page, kLeak) + 8 * 2 ** 20);
  check('a steady tag stays as it is', await bytesOf(page, kSteady) === steady);
  const rates = await page.locator('#legend tbody tr').evaluateAll((rows) =>
    rows.map((row) => ({tag: row.dataset.tag, rate: Number(row.dataset.rate)}))
        .filter((row) => row.tag.startsWith('serve-')).sort((a, b) => b.rate - a.rate));
  check(`it is the one that grows: ${JSON.stringify(rates)}`,
      rates[0].tag === kLeak && rates[0].rate > 2 ** 20 && rates.slice(1).every(({rate}) => rate === 0));
  await takeOutOthers(page);
  const [leak, flat] = [await thickness(page, kLeak), await thickness(page, kSteady)];
  check(`its band widens: ${leak.early} to ${leak.late} pixels`, leak.late >= leak.early + 15);
  check(`that of a steady tag does not: ${flat.early} to ${flat.late} pixels`,
      flat.early > 5 && Math.abs(flat.late - flat.early) <= 3);
  await page.reload();
  await page.locator(`#legend tr[data-tag="${kLeak}"]`).waitFor();
}

async function checkParts(page) {
  const names = await page.locator('#flow title').allTextContents();
  check('the flow says who holds it',
      names.some((name) => name.includes(`${kLeak} → leaking_program`)));
  check('and who has made it',
      names.some((name) => name.startsWith('leaking_program') && name.includes(`→ ${kLeak}`)));
  await page.hover('#chart .u-over', {position: {x: 400, y: 150}});
  const tip = page.locator('#chart .tip');
  await tip.waitFor();
  check('the tooltip has the numbers', /serve-atlas\s+48\.0 MiB/.test(await tip.innerText()));
  await page.mouse.move(0, 0);
  await page.fill('#filter', 'serve-atlas');
  const rows = page.locator('#segments tbody tr');
  await page.waitForFunction(() => document.querySelectorAll('#segments tbody tr').length === 1);
  const row = await rows.first().innerText();
  check(`the table has the piece and its holder: ${row.replace(/\s+/g, ' ')}`,
      row.includes('48.0 MiB') && row.includes('leaking_program') && row.includes('map ×1'));
  await page.fill('#filter', '');
}

async function checkHostileNames(page) {
  await page.fill('#filter', kMarkup);
  const cell = page.locator('#segments tbody td', {hasText: kMarkup});
  await cell.first().waitFor();
  check('a name that is markup is text', true);
  check('and makes no element', await page.locator('main img').count() === 0);
  await page.fill('#filter', 'txt');
  const row = page.locator('#segments tbody tr').first();
  await row.waitFor();
  const text = await row.textContent();
  check('letters that turn others round are escapes', !/[\u202e\x1b]/.test(text));
  await page.fill('#filter', '');
}

// A page of another server, which has got hold of the URL but is of another origin.
async function checkOtherOrigins(browser, url) {
  const server = createServer((request, response) => {
    response.setHeader('Content-Type', 'text/html');
    response.end(`<iframe src="${url}"></iframe>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const stranger = await browser.newPage();
  await stranger.goto(`http://127.0.0.1:${server.address().port}/`);
  const outcome = await stranger.evaluate((target) =>
    fetch(target).then((response) => response.text(), () => 'refused'), `${url}data.json`);
  check('a page of another origin may not read it', outcome === 'refused');
  check('nor frame it', await stranger.frames()[1].locator('#tiles').count() === 0);
  await stranger.close();
  server.closeAllConnections();
  server.close();
}

async function main(browser) {
  const leaking = await start(leakingProgram);
  const serve = await start(memtrack, 'serve', '--port', '0', '--interval', '0.25');
  const url = serve.line;
  const seen = {requests: [], complaints: []};
  const page = await openPage(browser, url, seen);
  await checkGrowth(page);
  await checkParts(page);
  await checkHostileNames(page);
  await page.screenshot({path: `${build}/memtrack-serve.png`, fullPage: true});
  await page.emulateMedia({colorScheme: 'dark'});
  await page.screenshot({path: `${build}/memtrack-serve-dark.png`, fullPage: true});
  await page.setViewportSize({width: 480, height: 900});
  await page.waitForFunction(() =>
    document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  check('a narrow window needs no sideways scrolling', true);
  check(`the browser complains of nothing ${seen.complaints.join('; ')}`, seen.complaints.length === 0);
  const origin = new URL(url).origin;
  const outside = seen.requests.filter((request) => !request.startsWith(`${origin}/`));
  check(`of ${seen.requests.length} requests none went elsewhere`, outside.length === 0);
  await checkOtherOrigins(browser, url);
  const ended = once(serve.child, 'exit');
  serve.child.kill('SIGTERM');
  check('memtrack ends in good order', (await ended)[0] === 0);
  await page.locator('#status[data-state=broken]').waitFor();
  check('the page says that nobody answers', true);
  leaking.child.stdin.end();
}

const browser = await chromium.launch({executablePath});
try {
  await main(browser);
} catch (error) {
  console.log(error.stack ?? error);
  process.exitCode = 1;
} finally {
  await browser.close();
  for (const child of running) child.kill('SIGKILL');
  process.exit();  // whatever still listens
}

# bash completion for memtrack
_memtrack() {
  local current=${COMP_WORDS[COMP_CWORD]}
  local previous=${COMP_WORDS[COMP_CWORD - 1]}
  local verbs='ps segs tags grid watch replay record why diff top serve'
  local verb='' i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    if [[ " $verbs " == *" ${COMP_WORDS[i]} "* ]]; then
      verb=${COMP_WORDS[i]}
      break
    fi
  done

  case $previous in
    --from | --trace | --replay)
      mapfile -t COMPREPLY < <(compgen -f -- "$current")
      return
      ;;
    --share)
      mapfile -t COMPREPLY < <(compgen -W 'owner pss unique' -- "$current")
      return
      ;;
    --pid)
      mapfile -t COMPREPLY < <(compgen -W "$(cd /proc && printf '%s ' [0-9]*)" -- "$current")
      return
      ;;
    -s | --sort)
      local columns=''
      case $verb in
        ps) columns='pid share pss uss held mapped fly segs command' ;;
        segs) columns='inode kind tag size res age fds maps fly owner holders' ;;
        tags) columns='segs size res procs segs/min res/min tag' ;;
        diff) columns='segs +segs new gone res +res tag' ;;
      esac
      mapfile -t COMPREPLY < <(compgen -W "$columns" -- "$current")
      return
      ;;
    --for | --every | --interval | --tag | --max-growth | --port | --listen) return ;;
  esac

  local table='--json --csv --share --units --sort --reverse --totals'
  local live='--from --no-sockets --all-sockets'
  local words=''
  case $verb in
    '') words="$verbs --help --version" ;;
    ps) words="$live $table --pid" ;;
    segs) words="$live $table --tag --pid" ;;
    tags) words="$live --for --every $table --tag" ;;
    grid) words="$live --json --csv --tag --pid" ;;
    watch) words="$live --for --every --json --share --leak --max-growth" ;;
    replay) words='--json --share --leak --max-growth' ;;
    record) words="$live --for --every --trace" ;;
    why) words="$live --for --every --share --json $(cd /proc && printf '%s ' [0-9]*)" ;;
    diff) words="$table --tag" ;;
    serve) words='--port --listen --interval --no-sockets --all-sockets' ;;
    top) words='--interval --replay --no-sockets --all-sockets --share' ;;
  esac
  [[ -n $verb ]] && words="$words --help"
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  case $verb in
    replay | record | diff)
      local files
      mapfile -t files < <(compgen -f -- "$current")
      COMPREPLY+=("${files[@]}")
      ;;
  esac
}
complete -o filenames -F _memtrack memtrack

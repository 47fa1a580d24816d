#!/usr/bin/env bash
# Sets up what is missing, then runs every check and every test: on SQLite, and on a PostgreSQL and a Redis of its own.
#   bash tests/run.sh          under ten minutes on two cores once installed
#   bash tests/run.sh --full   also what takes long
# It never touches a server that it did not start. With CI set, a component that cannot be had is a failure.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1

FULL=false
case "${1:-}" in
    "") ;;
    --full) FULL=true ;;
    *) echo "usage: bash tests/run.sh [--full]" >&2; exit 2 ;;
esac

WORKERS=2
FAILED=()
LEFT_OUT=()
STARTED=$SECONDS
FOLDER=$(mktemp -d -t tandem-run-XXXXXX)
chmod 755 "$FOLDER"
# Nothing of the caller's own Tandem reaches the tests.
unset DATABASE_URL REDIS_URL MAIL_URL SECRET_KEY DEBUG ALLOWED_HOSTS HTTPS_ONLY TANDEM_VAR DJANGO_SETTINGS_MODULE
unset VIRTUAL_ENV PGHOST PGPORT PGUSER PGDATABASE PGPASSWORD PGDATA PGSERVICE
export TANDEM_VAR=$FOLDER/var UV_PROJECT_ENVIRONMENT=$PWD/.venv PYTHONUNBUFFERED=1

heading() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

have() { command -v "$1" >/dev/null 2>&1; }

# step NAME COMMAND…: runs it, times it, remembers a failure and goes on.
step() {
    local name=$1 started=$SECONDS status=0
    shift
    heading "$name"
    "$@" </dev/null || status=$?
    if ((status)); then
        FAILED+=("$name")
        echo "FAILED ($name, exit status $status, $((SECONDS - started)) s)"
    else
        echo "ok ($name, $((SECONDS - started)) s)"
    fi
}

leave_out() {
    LEFT_OUT+=("$1")
    echo "LEFT OUT: $1"
}

# ---- What is missing

# Once, so that apt-get can find packages on a machine whose lists are old or empty.
apt_lists() {
    [[ -e $FOLDER/apt-lists ]] && return
    as_root apt-get update -qq >"$FOLDER/apt.log" 2>&1
    touch "$FOLDER/apt-lists"
}

as_root() {
    if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi
}

# install_package PACKAGE…: Debian's. What is installed must not start servers of the machine: Debian asks this policy.
install_package() {
    have apt-get || return 1
    apt_lists
    echo "Installing $*"
    local policy=/usr/sbin/policy-rc.d status=0
    if [[ -e $policy ]]; then
        policy=
    else
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null && as_root chmod 755 "$policy"
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" \
        >>"$FOLDER/apt.log" 2>&1 || status=1
    [[ -n $policy ]] && as_root rm -f "$policy"
    ((status)) && tail -n 5 "$FOLDER/apt.log"
    return $status
}

# uv, wherever pip has put it: on the PATH, as a module, or in an environment of our own.
find_uv() {
    if uv --version >/dev/null 2>&1; then
        UV=(uv)
    elif python3 -m uv --version >/dev/null 2>&1; then
        UV=(python3 -m uv)
    elif [[ -x $HOME/.local/bin/uv ]]; then
        UV=("$HOME/.local/bin/uv")
    else
        return 1
    fi
}

# pip refuses on systems that keep their Python to themselves, unless it is told twice.
install_uv() {
    find_uv && return
    echo "Installing uv"
    {
        python3 -m pip install uv || python3 -m pip install --break-system-packages uv || pipx install uv
    } >"$FOLDER/uv.log" 2>&1
    hash -r
    find_uv || { tail -n 5 "$FOLDER/uv.log"; return 1; }
}

install_python_packages() {
    install_uv || { echo "uv cannot be had: pip install uv"; return 1; }
    "${UV[@]}" sync --quiet --group test
}

CHROMIUM_NAMES=(chromium chromium-browser google-chrome google-chrome-stable)

find_chromium() {
    local name
    for name in "${CHROMIUM_NAMES[@]}"; do have "$name" && return; done
    return 1
}

install_chromium() {
    find_chromium || { install_package chromium && find_chromium; } && return
    leave_out "tests that drive a browser (no Chromium)"
}

find_postgresql() {
    local folder
    have initdb && { POSTGRESQL=$(dirname "$(command -v initdb)"); return; }
    for folder in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
        [[ -x $folder/initdb ]] && { POSTGRESQL=$folder; return; }
    done
    return 1
}

install_servers() {
    find_postgresql || { install_package postgresql && find_postgresql; } ||
        leave_out "tests on PostgreSQL (no initdb)"
    have redis-server || { install_package redis-server && have redis-server; } ||
        leave_out "tests on Redis (no redis-server)"
}

# ---- Servers of our own

free_port() {
    .venv/bin/python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# PostgreSQL refuses to run as root: then it runs as whoever owns nothing much.
unprivileged() {
    if ((EUID)); then
        "$@"
    elif id postgres >/dev/null 2>&1; then
        runuser -u postgres -- "$@"
    else
        runuser -u nobody -- "$@"
    fi
}

POSTGRESQL_OPTIONS="-c listen_addresses=127.0.0.1 -c max_connections=300 -c fsync=off -c synchronous_commit=off"

start_postgresql() {
    local data=$FOLDER/postgresql port
    port=$(free_port)
    mkdir "$data"
    ((EUID)) || chown "$(unprivileged id -un)" "$data"
    # From a folder that the unprivileged user may enter.
    (
        cd "$data" &&
            unprivileged "$POSTGRESQL/initdb" --pgdata="$data/main" --username=tandem --auth=trust --encoding=UTF8 \
                --locale=C --no-sync >"$FOLDER/initdb.log" 2>&1 &&
            unprivileged "$POSTGRESQL/pg_ctl" start --pgdata="$data/main" --wait --silent --log="$data/log" \
                --options="-p $port -k $data $POSTGRESQL_OPTIONS"
    ) || { cat "$FOLDER/initdb.log" "$data/log" 2>/dev/null | tail -n 20; return 1; }
    POSTGRESQL_DATA=$data/main
    OWN_DATABASE_URL=postgres://tandem@127.0.0.1:$port/postgres
    echo "PostgreSQL on port $port"
}

start_redis() {
    local port
    port=$(free_port)
    redis-server --port "$port" --bind 127.0.0.1 --save "" --appendonly no --dir "$FOLDER" --databases 16 \
        --daemonize no >"$FOLDER/redis.log" 2>&1 &
    REDIS_PROCESS=$!
    OWN_REDIS_URL=redis://127.0.0.1:$port
    for _ in {1..100}; do
        grep -q "Ready to accept connections" "$FOLDER/redis.log" && { echo "Redis on port $port"; return; }
        sleep 0.1
    done
    tail -n 5 "$FOLDER/redis.log"
    return 1
}

start_servers() {
    local status=0
    if [[ -n ${POSTGRESQL:-} ]]; then start_postgresql || status=1; fi
    if have redis-server; then start_redis || status=1; fi
    return $status
}

stop_servers() {
    if [[ -n ${POSTGRESQL_DATA:-} ]]; then
        (cd / && unprivileged "$POSTGRESQL/pg_ctl" stop --pgdata="$POSTGRESQL_DATA" --mode=immediate --silent)
    fi
    if [[ -n ${REDIS_PROCESS:-} ]]; then
        kill "$REDIS_PROCESS" 2>/dev/null
        wait "$REDIS_PROCESS" 2>/dev/null
    fi
    rm -rf "$FOLDER"
}

trap stop_servers EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# ---- Checks

tandem() { .venv/bin/tandem "$@"; }

# Recompiled over the committed file, so that versions move only when pyproject.toml or the date does.
check_requirements() {
    cp requirements.lock "$FOLDER/requirements.lock"
    "${UV[@]}" pip compile pyproject.toml --quiet --universal --python-version 3.13 --generate-hashes --no-header \
        --no-emit-index-url --no-emit-find-links --output-file "$FOLDER/requirements.lock" >/dev/null || return 1
    diff --brief requirements.lock "$FOLDER/requirements.lock" >/dev/null && return
    diff requirements.lock "$FOLDER/requirements.lock" | head -n 20
    echo "Out of date: uv pip compile pyproject.toml --universal --python-version 3.13 --generate-hashes --no-header" \
        "--no-emit-index-url --no-emit-find-links -o requirements.lock"
    return 1
}

in_production() {
    env DATABASE_URL="${OWN_DATABASE_URL:-postgres://tandem@127.0.0.1/tandem}" \
        REDIS_URL="${OWN_REDIS_URL:-redis://127.0.0.1}" ALLOWED_HOSTS=tandem.example TANDEM_VAR="$FOLDER/production" \
        SECRET_KEY=x7Kq-2vTgH9dLw4ZpRb8sYc3NmJf6AeUiOu1EtXyQaBhDkGj5M "$@"
}

check_deployment() { in_production .venv/bin/tandem check --deploy --fail-level WARNING; }

# ---- Tests

# Counting lines slows the tests by half: the full run does.
COVERAGE=()
$FULL && COVERAGE=(--cov --cov-report=)

# What `-m` asks for, without the browser's tests, which have a process of their own.
chosen() { if $FULL; then echo "not browser"; else echo "not browser and not full"; fi; }

measured() { COVERAGE_FILE=$FOLDER/coverage/$1 .venv/bin/python -m pytest -q -n "$WORKERS" "${@:2}"; }

test_on_sqlite() { measured sqlite -m "$(chosen)" "${COVERAGE[@]}"; }

test_on_postgresql() {
    env DATABASE_URL="$OWN_DATABASE_URL" REDIS_URL="$OWN_REDIS_URL" \
        COVERAGE_FILE="$FOLDER/coverage/postgresql" \
        .venv/bin/python -m pytest -q -n "$WORKERS" --only-database -m "$(chosen)" "${COVERAGE[@]}"
}

test_in_browser() {
    local marks=browser
    $FULL || marks="browser and not full"
    .venv/bin/python -m pytest -q -n "$WORKERS" tests/browser -m "$marks"
}

check_coverage() {
    .venv/bin/coverage combine --quiet --keep --data-file="$FOLDER/coverage/all" "$FOLDER"/coverage/* &&
        .venv/bin/coverage report --data-file="$FOLDER/coverage/all" --show-missing --skip-covered
}

summarise() {
    heading "Summary after $((SECONDS - STARTED)) s"
    ((${#LEFT_OUT[@]})) && printf 'left out: %s\n' "${LEFT_OUT[@]}"
    ((${#FAILED[@]})) && printf 'failed: %s\n' "${FAILED[@]}"
    if ((${#FAILED[@]})) || { [[ -n ${CI:-} ]] && ((${#LEFT_OUT[@]})); }; then
        echo "FAILURE: ${#FAILED[@]} steps failed, ${#LEFT_OUT[@]} left out, in $((SECONDS - STARTED)) s."
        exit 1
    fi
    echo "SUCCESS: every step passed, ${#LEFT_OUT[@]} left out, in $((SECONDS - STARTED)) s."
}

step "install Python packages" install_python_packages
((${#FAILED[@]})) && summarise
step "install Chromium" install_chromium
step "install PostgreSQL and Redis" install_servers
step "start PostgreSQL and Redis" start_servers

step "format" .venv/bin/ruff format --check
step "lint" .venv/bin/ruff check --output-format=concise
step "types" .venv/bin/mypy
step "import contracts" .venv/bin/lint-imports --no-cache
step "requirements.lock" check_requirements
step "migrations" tandem makemigrations --check --dry-run
step "deployment settings" check_deployment
step "tests on SQLite" test_on_sqlite
[[ -n ${OWN_DATABASE_URL:-} && -n ${OWN_REDIS_URL:-} ]] && step "tests on PostgreSQL and Redis" test_on_postgresql
find_chromium && step "tests in a browser" test_in_browser
$FULL && step "coverage" check_coverage
summarise

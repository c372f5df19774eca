#!/usr/bin/env bash
# Installs what resnetc is built with: Debian packages where some are missing (needs root or sudo), and
# the wheels of requirements.txt in the private environment build/venv. Nothing else is changed, and
# nothing is done where everything is there already. Called by demo.sh, test.sh and build.sh.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
venv=$root/build/venv
requirements=$root/scripts/requirements.txt
packages=(
    ca-certificates g++ make python3 python3-venv
    catch2 libcli11-dev libjpeg-dev libkainjow-mustache-dev libpng-dev libprotobuf-dev
    libyaml-cpp-dev nlohmann-json3-dev protobuf-compiler zlib1g-dev
)

fail() {
    printf 'setup.sh: error: %s\n' "$@" >&2
    exit 1
}

usage() {
    cat <<EOF
usage: scripts/setup.sh

Installs the Debian packages and PyPI wheels that resnetc is built with.
  Debian packages: ${packages[*]}
  PyPI wheels in build/venv: $(grep -v '^#' "$requirements" | tr '\n' ' ')
EOF
}

missing_packages() {
    local package
    for package in "${packages[@]}"; do
        dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            printf '%s\n' "$package"
    done
}

install_packages() {
    local missing as_root=()
    if ! command -v dpkg-query >/dev/null; then
        echo "setup.sh: not a Debian system: the equivalents of these packages must be installed:" \
            "${packages[*]}" >&2
        return
    fi
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    if ((EUID != 0)); then
        # Without a terminal sudo could not ask for a password.
        if ! command -v sudo >/dev/null || { [[ ! -t 0 ]] && ! sudo -n true 2>/dev/null; }; then
            fail "Debian packages are missing, and installing them needs root. Run as root:" \
                "    apt-get update && apt-get install --no-install-recommends ${missing[*]}"
        fi
        as_root=(sudo)
    fi
    echo "Installing Debian packages: ${missing[*]}"
    local log=$root/build/apt.log
    as_root+=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y)
    "${as_root[@]}" update >"$log" 2>&1 || true # a stale list may still do; install has the last word
    "${as_root[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1 || {
        tail -n 15 "$log" >&2
        fail "apt-get could not install ${missing[*]} (no network?); the log is build/apt.log"
    }
}

# The environment is as wanted if this text is in its stamp: it was finished, and with these
# requirements, and in this very folder (environments cannot be moved).
wanted_stamp() {
    printf '%s\n' "$venv"
    cat "$requirements"
}

install_wheels() {
    local stamp=$venv/stamp
    if [[ -f $stamp ]] && [[ $(<"$stamp") == "$(wanted_stamp)" ]]; then
        return
    fi
    echo "Installing into build/venv: $(grep -v '^#' "$requirements" | tr '\n' ' ')"
    local log=$root/build/pip.log
    python3 -m venv --clear "$venv" >"$log" 2>&1 || {
        cat "$log" >&2
        fail "python3 -m venv could not create $venv"
    }
    "$venv/bin/python" -m pip --disable-pip-version-check --retries 2 --timeout 20 \
        install --no-deps --only-binary=:all: -r "$requirements" >>"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        fail "pip could not install the wheels of scripts/requirements.txt; the log is build/pip.log" \
            "The first set-up needs the Python package index. Without network, put the wheels into" \
            "a folder and run: PIP_NO_INDEX=1 PIP_FIND_LINKS=FOLDER $0"
    }
    wanted_stamp >"$stamp"
}

case ${1:-} in
-h | --help)
    usage
    exit
    ;;
'') ;;
*) fail "unknown argument '$1', expected none or --help" ;;
esac

mkdir -p "$root/build"
install_packages
install_wheels

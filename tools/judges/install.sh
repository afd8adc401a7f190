#!/usr/bin/env bash
# Installs the judges, the Delta implementations that our tests trust more than ours: Spark with Delta, delta-rs and pyarrow
# (a Python venv and five jars), chdb (npm), strace (the order of system calls), zsh and fish (our completion for them), promtool (our metrics). Everything goes into $LANDFALL_JUDGES, by
# default ~/.cache/landfall/judges, so that all clones share it. A part whose inputs have not changed is left as it is.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${LANDFALL_JUDGES:-$HOME/.cache/landfall/judges}
mkdir -p "$root"

# Two installations into one folder would spoil each other: the second waits.
if command -v flock >/dev/null; then
  exec 9>"$root/.lock"
  flock 9
fi

hash_of() { # the text on stdin, as one word
  python3 -c 'import hashlib, sys; print(hashlib.sha256(sys.stdin.buffer.read()).hexdigest())'
}

# part NAME HASH FUNCTION: runs the function unless the part stands with this hash; the stamp is written last, so that a
# broken installation is done again.
part() {
  local name=$1 hash=$2 install=$3 stamp="$root/$1.stamp" begun=$SECONDS
  if [[ -f $stamp && $(<"$stamp") == "$hash" ]]; then
    echo "$name: already there"
    return
  fi
  rm -f "$stamp"
  if ! "$install" >"$root/$name.log" 2>&1; then
    tail -n 40 "$root/$name.log" >&2
    echo "$name: failed; the whole log is $root/$name.log" >&2
    exit 1
  fi
  echo "$hash" >"$stamp"
  echo "$name: installed in $((SECONDS - begun)) s"
}

# `part` calls these in a condition, where bash ignores -e: each line must pass its failure on.
install_python() {
  rm -rf "$root/venv" &&
    python3 -m venv "$root/venv" &&
    "$root/venv/bin/pip" install --disable-pip-version-check --no-input -r "$here/requirements.txt"
}

install_jars() {
  local ivy
  # The Ivy that pyspark carries fetches from Maven's repository; no Maven is needed.
  ivy=$("$root/venv/bin/python" -c 'import glob, os, pyspark; print(glob.glob(os.path.join(os.path.dirname(pyspark.__file__), "jars", "ivy-*.jar"))[0])') &&
    rm -rf "$root/jars" "$root/ivy-cache" &&
    java -jar "$ivy" -cache "$root/ivy-cache" -ivy "$here/jars.ivy.xml" -confs default \
      -retrieve "$root/jars/[artifact]-[revision].[ext]" &&
    rm -rf "$root/ivy-cache" &&
    [[ $(find "$root/jars" -name '*.jar' | wc -l) -eq $(grep -c '<dependency ' "$here/jars.ivy.xml") ]]
}

install_chdb() {
  rm -rf "$root/npm" &&
    mkdir -p "$root/npm" &&
    cp "$here/package.json" "$here/package-lock.json" "$here/.npmrc" "$root/npm/" &&
    (cd "$root/npm" && npm ci)
}

# Only promtool of the distribution's package, taken out of it: installed whole it would start a server on this machine.
install_promtool() {
  rm -rf "$root/prometheus" &&
    mkdir -p "$root/prometheus" &&
    { [[ $(id -u) -ne 0 ]] || apt-get update -qq; } &&
    (cd "$root/prometheus" && apt-get download prometheus && dpkg -x prometheus_*.deb tree) &&
    mv "$root/prometheus/tree/usr/bin/promtool" "$root/prometheus/" &&
    rm -rf "$root/prometheus/tree" "$root"/prometheus/prometheus_*.deb &&
    "$root/prometheus/promtool" --version
}

# The distribution's own programs; they lie outside of $root, so that no stamp tells whether they are there.
install_missing() {
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

part python "$(cat "$here/requirements.txt" <(python3 --version) | hash_of)" install_python
part jars "$(cat "$here/jars.ivy.xml" "$root/python.stamp" | hash_of)" install_jars
part chdb "$(cat "$here/package-lock.json" "$here/.npmrc" <(uname -sm) | hash_of)" install_chdb

if command -v promtool >/dev/null; then
  echo "promtool: already there"
elif command -v apt-get >/dev/null && command -v dpkg >/dev/null; then
  part promtool "$(uname -m)" install_promtool
else
  echo "missing: promtool, of Prometheus" >&2
fi

missing=()
for program in strace zsh fish; do
  if command -v "$program" >/dev/null; then echo "$program: already there"; else missing+=("$program"); fi
done
if [[ ${#missing[@]} -gt 0 ]]; then
  if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
    rm -f "$root/packages.stamp"
    part packages "${missing[*]}" install_missing
  else
    echo "missing, and installing them needs root: apt-get install ${missing[*]}" >&2
  fi
fi

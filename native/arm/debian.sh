# Debian's packages, unpacked into a folder and not installed; scripts read this with $folder set.
#
# apt works with lists and a cache of its own there, so it needs no root and changes no system.
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}
keys=/usr/share/keyrings/debian-archive-keyring.gpg

# fetch <suite> <architecture> <package>...: downloads packages and all that they depend on
fetch() {
  suite=$1 architecture=$2
  shift 2
  apt=$folder/apt-$suite-$architecture
  mkdir -p "$apt/state/lists/partial" "$apt/cache/archives/partial"
  : > "$apt/status" # nothing is installed
  echo "deb [signed-by=$keys] $mirror $suite main" > "$apt/sources.list"
  for action in update "install -y --download-only --no-install-recommends $*"; do
    # shellcheck disable=SC2086 # the action is several words
    apt-get -qq -o Dir::Etc::SourceList="$apt/sources.list" -o Dir::Etc::SourceParts=- \
      -o Dir::State="$apt/state" -o Dir::State::status="$apt/status" -o Dir::Cache="$apt/cache" \
      -o APT::Architecture="$architecture" -o APT::Architectures="$architecture" \
      -o APT::Sandbox::User="$(id -un)" -o Acquire::Languages=none $action > "$apt/log" 2>&1 ||
      { cat "$apt/log" >&2; exit 1; }
  done
}

# unpack <suite> <architecture> <folder>
unpack() {
  for package in "$folder/apt-$1-$2"/cache/archives/*.deb; do dpkg -x "$package" "$3"; done
}

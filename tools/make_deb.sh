#!/usr/bin/env bash
# Makes the Debian package of a built waybill: tools/make_deb.sh [BINARY]. `./dev package` builds and calls it.
# The package comes to build/package/; the last line of the output is its path.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

binary=${1:-build/release/src/app/waybill}
version=$("$binary" version | sed -E 's/^[^0-9]*//; s/ .*//')
stage=build/package/waybill-$version
# The same sources make the same package, byte by byte.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || stat -c %Y "$binary")
export SOURCE_DATE_EPOCH

rm -rf "$stage" build/package/*.deb
mkdir -p "$stage/completion"/{bash,zsh,fish} "$stage/api" "$stage/docs" "$stage/samples"
cp -r packaging/debian "$stage/"
cp "$binary" "$stage/waybill"
"$binary" man >"$stage/waybill.1"
"$binary" completion bash >"$stage/completion/bash/waybill"
"$binary" completion zsh >"$stage/completion/zsh/_waybill"
"$binary" completion fish >"$stage/completion/fish/waybill.fish"

# The settings as they are documented, with the data where Debian keeps a service's.
sed 's|^#data_dir = .*|data_dir = "/var/lib/waybill"|' packaging/waybill.toml >"$stage/waybill.toml"
grep -qx 'data_dir = "/var/lib/waybill"' "$stage/waybill.toml"

cp -r packaging/grafana packaging/prometheus "$stage/"
cp -r api/openapi.yaml api/schemas "$stage/api/"
cp -r samples/handbook "$stage/samples/"
rm -rf "$stage/samples/handbook/logs"   # of imports that somebody tried
cp README.md "$stage/"
cp -r docs/guides docs/rules docs/*.md "$stage/docs/"
rm "$stage/docs/rules/examples.yaml"

cat >"$stage/debian/changelog" <<TEXT
waybill ($version) unstable; urgency=medium

  * Version $version.

 -- Waybill <maintainers@waybill.example>  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
TEXT

(cd "$stage" && dpkg-buildpackage --build=binary --no-sign --no-check-builddeps >../build.log 2>&1) ||
  { tail -n 30 build/package/build.log >&2; exit 1; }
rm -rf "$stage"
ls "$PWD"/build/package/waybill_*.deb

#!/bin/sh
# Maintainers only: takes the vendored files of browser and papers from the npm registry, unmodified but for one line.
# Nobody needs Node to install, run or test Madang. After a refresh: look at every screen, run the browser tests.
set -eu

KRDS=1.1.0 HTMX=4.0.1 PRETENDARD=1.3.9 ATLAS=2.0.2 PDFJS=5.6.205
house="$(cd "$(dirname "$0")/.." && pwd)/src/madang"
vendor="$house/web/static/vendor" papers="$house/papers/vendor"
today="$(date +%F)"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
cd "$work"

take() {  # take NAME VERSION: unpacks one package into ./NAME
  npm pack --silent "$1@$2" >/dev/null
  mkdir "$1" && tar -xzf "$1-$2.tgz" -C "$1" --strip-components=1
}

notice() {  # notice FOLDER PACKAGE VERSION LICENCE HOME: writes FOLDER/NOTICE, further remarks from standard input
  { printf 'Source:  npm %s %s (%s)\nLicence: %s\nTaken:   %s by scripts/vendor_assets.sh\n' "$2" "$3" "$5" "$4" "$today"; cat; } >"$1/NOTICE"
}

rm -rf "$vendor" "$papers" && mkdir -p "$vendor/krds/css/token" "$vendor/krds/css/component" "$vendor/krds/img" "$vendor/htmx" "$vendor/pretendard-gov" "$papers/pretendard-gov" "$papers/map"

take krds-uiux "$KRDS"
cp krds-uiux/resources/css/token/krds_tokens.css "$vendor/krds/css/token/"
# The manifest storage would look for a source map that the package does not carry.
grep -v 'sourceMappingURL=' krds-uiux/resources/css/component/output.css >"$vendor/krds/css/component/output.css"
cp -R krds-uiux/resources/img/component "$vendor/krds/img/"   # the style sheet's icon addresses are relative to this
notice "$vendor/krds" krds-uiux "$KRDS" 'ISC by package.json; the README refers to the KRDS terms of use' 'https://www.krds.go.kr' <<'TEXT'

Korea Design System (KRDS), Ministry of the Interior and Safety, Republic of Korea: tokens, components and icons.
package.json states ISC; README.md refers to the terms published at https://www.krds.go.kr. Files are unmodified
except that the sourceMappingURL line of css/component/output.css is left out.
The logos of KRDS and of the government are not used.
TEXT

take htmx.org "$HTMX"
cp htmx.org/dist/htmx.min.js htmx.org/LICENSE "$vendor/htmx/"
notice "$vendor/htmx" htmx.org "$HTMX" 'Zero-Clause BSD (0BSD)' 'https://htmx.org' </dev/null

take pretendard-gov "$PRETENDARD"
cp pretendard-gov/dist/LICENSE.txt pretendard-gov/dist/web/variable/pretendardvariable-gov-dynamic-subset.css "$vendor/pretendard-gov/"
cp -R pretendard-gov/dist/web/variable/woff2-dynamic-subset "$vendor/pretendard-gov/"
# Whole fonts for typeset papers: a browser's subsets are no use there.
cp pretendard-gov/dist/LICENSE.txt pretendard-gov/dist/public/static/PretendardGOV-Regular.otf pretendard-gov/dist/public/static/PretendardGOV-Bold.otf "$papers/pretendard-gov/"
for folder in "$vendor/pretendard-gov" "$papers/pretendard-gov"; do
  notice "$folder" pretendard-gov "$PRETENDARD" 'SIL Open Font License 1.1 (OFL-1.1)' 'https://github.com/orioncactus/pretendard' <<'TEXT'

Copyright (c) 2021, Kil Hyung-jin, with Reserved Font Name Pretendard. Licence text: LICENSE.txt
TEXT
done

take world-atlas "$ATLAS"
cp world-atlas/countries-110m.json world-atlas/LICENSE "$papers/map/"
notice "$papers/map" world-atlas "$ATLAS" 'ISC (world-atlas); the shapes are Natural Earth, public domain' 'https://github.com/topojson/world-atlas' <<'TEXT'

Small-scale shapes for statistics. They take no position on any border.
TEXT

take pdfjs-dist "$PDFJS"
pdfjs="$vendor/pdfjs"
mkdir -p "$pdfjs/fonts"
# The build for browsers of the last years, without the parts for forms' scripts, printing and WebAssembly.
cp pdfjs-dist/legacy/build/pdf.min.mjs pdfjs-dist/legacy/build/pdf.worker.min.mjs pdfjs-dist/LICENSE "$pdfjs/"
cp pdfjs-dist/wasm/openjpeg_nowasm_fallback.js pdfjs-dist/wasm/LICENSE_OPENJPEG pdfjs-dist/wasm/LICENSE_PDFJS_OPENJPEG "$pdfjs/"
cp -R pdfjs-dist/cmaps "$pdfjs/"
cp pdfjs-dist/standard_fonts/Foxit*.pfb pdfjs-dist/standard_fonts/LICENSE_FOXIT "$pdfjs/fonts/"
notice "$pdfjs" pdfjs-dist "$PDFJS" 'Apache-2.0' 'https://mozilla.github.io/pdf.js/' <<'TEXT'

Copyright Mozilla Foundation; licence text: LICENSE. With it come, each with its licence beside it:
- cmaps/: character maps by Adobe Systems (BSD 3-Clause), packed by pdf.js.
- fonts/: stand-ins for fonts that a PDF names and does not carry, by Foxit and the PDFium authors (BSD 3-Clause).
- openjpeg_nowasm_fallback.js: OpenJPEG (BSD 2-Clause), for pictures in JPEG 2000.
TEXT

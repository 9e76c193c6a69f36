#!/bin/sh
# What the browser tests, those against OpenSSL's time stamps, ClamAV and libfaketime need on Debian or Ubuntu; the platform itself needs nothing from here.
set -eu
[ "$(id -u)" = 0 ] && as_root="" || as_root=sudo
$as_root apt-get update -q
$as_root apt-get install -q -y --no-install-recommends chromium fonts-noto-cjk openssl clamav-daemon libfaketime

#!/bin/sh
# Hands a mail that came back from a mail server's pipe to Bellhop; docs/operations.md says how to set it up.
# Address and key stand in a file for curl, so that neither is seen in the list of processes.
# Exit 75 (EX_TEMPFAIL) lets the mail server try again later. 422 is what is no mail and names none of ours: what names
# one of ours is kept and answered with 200. The head of a large mail says all; the rest is cut, so that it is not refused,
# and read all the same: a pipe that breaks is a failure to a mail server.
config="${BELLHOP_BOUNCE:-/etc/bellhop/bounce.curl}"
answer=$({ head -c 500000; cat >/dev/null; } | curl --silent --max-time 30 --config "$config" --data-binary @- \
  --output /dev/null --write-out '%{http_code}')
case "$answer" in
  2?? | 422) exit 0 ;;
  *) exit 75 ;;
esac

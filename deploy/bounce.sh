#!/bin/sh
# Hands a mail that came back from a mail server's pipe to Bellhop; docs/operations.md says how to set it up.
# Address and key stand in a file for curl, so that neither is seen in the list of processes.
# Exit 75 (EX_TEMPFAIL) lets the mail server try again later; what Bellhop refused for good is done with.
answer=$(curl --silent --max-time 30 --config "${BELLHOP_BOUNCE:-/etc/bellhop/bounce.curl}" \
  --data-binary @- --output /dev/null --write-out '%{http_code}')
case "$answer" in
  2?? | 400 | 413 | 422) exit 0 ;;
  *) exit 75 ;;
esac

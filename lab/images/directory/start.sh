#!/bin/sh
# Makes cn=config of the release's config.ldif and overrides, loads the release's data into an empty directory, and becomes
# slapd in the foreground. /recette/set: `attribute: value` a line, or `database/attribute: value`; /recette/unset: a name a line.
set -eu

fail() { echo "directory: $1; $2" >&2; exit 64; }

configuration=/etc/ldap/slapd.d
[ -s /etc/ldap/config.ldif ] || fail "/etc/ldap/config.ldif is missing or empty" "give the release a directory/config.ldif"

# The entry of a setting: the whole configuration, or the one whose name after olcDatabase= (or the like) is given.
entry() {
  case "$1" in
    */*) slapcat -n 0 -F "$configuration" -o ldif-wrap=no \
      | sed --quiet "s/^dn: \([A-Za-z]*={-\{0,1\}[0-9]*}${1%/*}\(,.*\)\{0,1\}\)\$/\1/p" | head --lines=1 ;;
    *) echo cn=config ;;
  esac
}
change() {
  dn="$(entry "$1")"
  [ -n "$dn" ] || fail "the configuration has no entry for $1" "write attribute, or database/attribute, for example mdb/olcDbMaxSize"
  printf 'dn: %s\nchangetype: modify\nreplace: %s\n%s\n' "$dn" "${1##*/}" "${2:-}"  \
    | slapmodify -n 0 -F "$configuration" || fail "$1 cannot be set" "see what slapd says of it"
}

rm --recursive --force "$configuration"
mkdir "$configuration"
slapadd -n 0 -F "$configuration" -l /etc/ldap/config.ldif
[ ! -s /recette/unset ] || while read -r name; do change "$name"; done < /recette/unset
[ ! -s /recette/set ] || while read -r line; do change "${line%%: *}" "$(n="${line%%: *}"; echo "${n##*/}: ${line#*: }")"; done < /recette/set

[ -e /var/lib/ldap/data.mdb ] || for file in /etc/ldap/data/*.ldif; do
  [ ! -e "$file" ] || slapadd -n 1 -F "$configuration" -l "$file" || fail "$file was not loaded" "mend it"
done
# Its key came in as root's alone.
[ ! -e /recette/tls/key.pem ] || chgrp openldap /recette/tls/key.pem && chmod 0640 /recette/tls/key.pem
install --directory --owner=openldap --group=openldap --mode=0750 /run/slapd
chown --recursive openldap:openldap "$configuration" /var/lib/ldap
exec slapd -F "$configuration" -h "ldap:/// ldaps:/// ldapi:///" -u openldap -g openldap -d none

#!/bin/sh
# Makes the stores of this folder anew, with keytool (Java 17) and OpenSSL 3. See README.md.
set -eu
cd "$(dirname "$0")"
P=storepass-of-the-tests
DAYS=36500
rm -f ./*.jceks ./*.jks ./*.p12 ./*.pem
quiet() { "$@" >/dev/null 2>&1; }

# An authority, an intermediate one, and a client certificate signed by the latter, all in JKS stores of keytool.
quiet keytool -genkeypair -alias root -dname "CN=Test root" -ext bc:c -keyalg EC -groupname secp256r1 \
  -validity $DAYS -storetype JKS -keystore work.jks -storepass $P -keypass $P
quiet keytool -genkeypair -alias mid -dname "CN=Test intermediate" -keyalg EC -groupname secp256r1 \
  -validity $DAYS -storetype JKS -keystore work.jks -storepass $P -keypass $P
quiet keytool -exportcert -rfc -alias root -keystore work.jks -storepass $P -file root.pem
quiet keytool -certreq -alias mid -keystore work.jks -storepass $P -file mid.csr
quiet keytool -gencert -rfc -alias root -ext bc:c=ca:true,pathlen:0 -validity $DAYS -keystore work.jks \
  -storepass $P -infile mid.csr -outfile mid.pem
cat mid.pem root.pem >chain.pem
quiet keytool -importcert -noprompt -alias mid -file chain.pem -keystore work.jks -storepass $P
quiet keytool -genkeypair -alias demo__meb10000 -dname "CN=demo__meb10000" -keyalg RSA -keysize 2048 \
  -validity $DAYS -storetype JKS -keystore client.jks -storepass $P -keypass $P
quiet keytool -certreq -alias demo__meb10000 -keystore client.jks -storepass $P -file leaf.csr
quiet keytool -gencert -rfc -alias mid -validity $DAYS -keystore work.jks -storepass $P -infile leaf.csr -outfile signed.pem
openssl x509 -in signed.pem -out leaf.pem # without those that signed it
cat leaf.pem mid.pem root.pem >chain.pem
quiet keytool -importcert -noprompt -alias demo__meb10000 -file chain.pem -keystore client.jks -storepass $P
quiet keytool -importcert -noprompt -trustcacerts -alias authority -file root.pem -keystore client.jks -storepass $P

# The same by a modern keytool in its default format, whatever the name says; and as Java 8 wrote it.
convert() { quiet keytool -importkeystore -srckeystore client.jks -srcstorepass $P -deststoretype PKCS12 "$@"; }
convert -destkeystore client-pkcs12.jks -deststorepass $P
convert -J-Dkeystore.pkcs12.legacy -destkeystore client-java8.p12 -deststorepass $P
for kind in JKS PKCS12; do
  for name in root mid; do
    quiet keytool -importcert -noprompt -alias $name -file $name.pem -storetype $kind \
      -keystore trust-$kind -storepass $P
  done
done
mv trust-JKS trust.jks
mv trust-PKCS12 trust-pkcs12.jks
quiet keytool -importcert -noprompt -alias root -file root.pem -storetype PKCS12 -keystore trust-changeit.p12 \
  -storepass changeit

# A key with a password of its own, and a store whose password is not ASCII.
cp client.jks other-key-password.jks
quiet keytool -keypasswd -alias demo__meb10000 -keystore other-key-password.jks -storepass $P -new another-password
NEW='pässwörd-鍵-🔑'
quiet env LC_ALL=C.UTF-8 keytool -importkeystore -srckeystore client.jks -srcstorepass $P -deststoretype JKS \
  -destkeystore unicode-password.jks -deststorepass "$NEW" -destkeypass "$NEW" -srcalias demo__meb10000 -srckeypass $P
quiet keytool -importkeystore -srckeystore client.jks -srcstorepass $P -deststoretype JCEKS -destkeystore client.jceks \
  -deststorepass $P

# By OpenSSL: today's ciphers, yesterday's, no sum at all, an empty password, certificates alone.
openssl pkcs12 -in client-pkcs12.jks -passin pass:$P -nocerts -nodes 2>/dev/null | openssl pkcs8 -topk8 -nocrypt -out key.pem
cat mid.pem root.pem >authorities.pem
export_p12() { openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile authorities.pem -name client "$@"; }
export_p12 -out openssl.p12 -passout pass:$P
export_p12 -legacy -out openssl-legacy.p12 -passout pass:$P
export_p12 -nomac -iter 1 -out openssl-nomac.p12 -passout pass:$P
export_p12 -nomac -keypbe NONE -certpbe NONE -out openssl-plain.p12 -passout pass:
export_p12 -out openssl-empty-password.p12 -passout pass:
openssl pkcs12 -export -nokeys -in authorities.pem -out openssl-trust.p12 -passout pass:$P
openssl pkcs12 -export -inkey key.pem -in leaf.pem -iter 3000000 -out openssl-costly.p12 -passout pass:$P
# keytool ends lines as on Windows.
sed -i 's/\r$//' ./*.pem
rm -f work.jks ./*.csr authorities.pem leaf.pem signed.pem

#!/bin/bash
# A real S3 server on one machine for tests: Ceph with a store in memory and its object gateway.
# tools/s3_server.sh FOLDER PORT starts it (PORT and the next two are used); tools/s3_server.sh stop FOLDER ends it.
set -e
if [ "$1" = stop ]; then for f in $2/*.pid; do [ -f "$f" ] && kill $(cat $f) 2>/dev/null || true; done; exit 0; fi
D=$1; P=${2:-7480}; MP=$((P+1)); rm -rf $D; mkdir -p $D/{mon,osd,rgw,run}; FS=$(cat /proc/sys/kernel/random/uuid)
cat > $D/ceph.conf <<C
[global]
fsid = $FS
mon host = [v2:127.0.0.1:$MP/0]
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
keyring = $D/keyring
auth allow insecure global id reclaim = false
mon data avail warn = 1
mon data avail crit = 1
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
mon warn on pool no redundancy = false
mon max pg per osd = 1000
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
log file = $D/\$name.log
admin socket = $D/run/\$name.asok
run dir = $D/run
pid file = $D/\$name.pid
setuser match path = 
osd class load list = *
osd class default list = *
ms bind ipv6 = false
public addr = 127.0.0.1
[mon.a]
mon data = $D/mon
[osd.0]
osd data = $D/osd
[client.rgw]
rgw frontends = beast endpoint=127.0.0.1:$P tcp_nodelay=1
rgw data = $D/rgw
rgw enable usage log = false
rgw bucket index max aio = 8
C
export CEPH_CONF=$D/ceph.conf; C="ceph -c $CEPH_CONF"
ceph-authtool -C $D/keyring --gen-key -n mon. --cap mon 'allow *' >/dev/null
for e in client.admin client.rgw; do ceph-authtool $D/keyring --gen-key -n $e --cap mon 'allow *' --cap osd 'allow *' --cap mgr 'allow *' >/dev/null; done
ceph-authtool $D/keyring --gen-key -n osd.0 --cap mon 'allow profile osd' --cap mgr 'allow profile osd' --cap osd 'allow *' >/dev/null
monmaptool --create --fsid $FS --addv a "[v2:127.0.0.1:$MP]" $D/monmap >/dev/null
ceph-mon -c $CEPH_CONF --mkfs -i a --monmap $D/monmap --keyring $D/keyring --no-mon-config 2>&1 | tail -1
ceph-mon -c $CEPH_CONF -i a
U=$(cat /proc/sys/kernel/random/uuid); $C osd new $U >/dev/null 2>&1
$C auth import -i $D/keyring >/dev/null 2>&1
ceph-osd -c $CEPH_CONF -i 0 --mkfs --osd-uuid $U --no-mon-config 2>&1 | tail -1
ceph-osd -c $CEPH_CONF -i 0
radosgw -c $CEPH_CONF -n client.rgw
for i in $(seq 240); do curl -s -o /dev/null http://127.0.0.1:$P/ && break; sleep .25; done
radosgw-admin -c $CEPH_CONF user create --uid=t --display-name=t --access-key=testkey --secret-key=testsecret >/dev/null 2>&1

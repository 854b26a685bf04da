#!/usr/bin/env bash
# A SLURM of one node on this machine, for the tests: `cluster.sh start FOLDER`, `cluster.sh stop FOLDER`.
# Needs Debian's slurm-wlm and munge, and root. SLURM_CONF is stripped within jobs, so the file must be /etc/slurm/slurm.conf;
# one that is there already is never touched.
set -euo pipefail
action=$1
folder=$(mkdir -p "$2" && cd "$2" && pwd)
conf=/etc/slurm/slurm.conf
mark="# one-node cluster of the SONImage tests"

start() {
  if [ -e "$conf" ] && ! grep -q "$mark" "$conf"; then
    echo "$conf belongs to another cluster" >&2
    exit 1
  fi
  mkdir -p "$folder/state" "$folder/spool" /etc/slurm
  cat > "$conf" <<EOF
$mark
ClusterName=loop
SlurmctldHost=$(hostname -s)(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
MinJobAge=300
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$(hostname -s) NodeAddr=127.0.0.1 CPUs=$(nproc) RealMemory=4000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
EOF
  dd if=/dev/urandom of="$folder/key" bs=1 count=1024 status=none
  chmod 400 "$folder/key"
  munged --force --key-file="$folder/key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
    --log-file="$folder/munged.log" --seed-file="$folder/seed"
  slurmctld
  slurmd -N "$(hostname -s)"
  for _ in $(seq 60); do
    sinfo -h -o %T 2> /dev/null | grep -q idle && return 0
    sleep 0.5
  done
  tail -n 20 "$folder"/*.log >&2
  exit 1
}

stop() {
  for daemon in slurmd slurmctld munged; do
    [ -e "$folder/$daemon.pid" ] && kill "$(cat "$folder/$daemon.pid")" 2> /dev/null || true
  done
  if [ -e "$conf" ] && grep -q "$mark" "$conf"; then rm "$conf"; fi
}

"$action"

#!/bin/sh
# Makes secrets/ with random passwords and the URLs that hold them, once; what is there already stays.
# The folder is for its owner only; the files in it can be read by the users of the containers that they are mounted in.
set -eu
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
random() { head -c 32 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
keep() {
    [ -s "secrets/$1" ] || printf '%s' "$2" > "secrets/$1"
    chmod 444 "secrets/$1"
}
keep secret_key "$(random)"
keep metrics_token "$(random)"
keep grafana_password "$(random)"
keep postgres_password "$(random)"
keep database_url "postgresql://dropbox_clone:$(cat secrets/postgres_password)@postgresql:5432/dropbox_clone"
keep minio_user dropbox-clone
keep minio_password "$(random)"
keep storage_url "s3://$(cat secrets/minio_user):$(cat secrets/minio_password)@minio:9000/dropbox-clone?secure=0"
keep elasticsearch_password "$(random)"
keep search_url "elasticsearch7://elastic:$(cat secrets/elasticsearch_password)@elasticsearch:9200/dropbox_clone"
redis=$(random)
# What is kept in Redis can be lost without loss of a file; it is saved, so that a restart signs nobody out.
keep redis_configuration "requirepass $redis
appendonly yes
appendfsync everysec
dir /data
maxmemory 512mb
maxmemory-policy volatile-lru
"
redis=$(sed -n 's/^requirepass //p' secrets/redis_configuration)
keep cache_url "redis://:$redis@redis:6379/0"
rabbitmq=$(random)
keep rabbitmq_configuration "default_user = dropbox_clone
default_pass = $rabbitmq
loopback_users = none
vm_memory_high_watermark.absolute = 600MB
"
rabbitmq=$(sed -n 's/^default_pass = //p' secrets/rabbitmq_configuration)
keep broker_url "amqp://dropbox_clone:$rabbitmq@rabbitmq:5672/"
echo "secrets/ is complete"

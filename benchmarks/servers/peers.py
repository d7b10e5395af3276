"""nginx, Apache, rclone, WsgiDAV and copyparty, each as its documentation says, with HTTP Basic and no logs."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path

from benchmarks.install import debian, python_peers
from benchmarks.servers.base import Peer


class _WithPasswordFile(Peer):
    def password_file(self) -> Path:
        """One fast hash, so that nobody pays for a slow one with every request."""
        digest = base64.b64encode(hashlib.sha1(self.password.encode()).digest()).decode()
        path = self.folder / "passwords"
        path.write_text(f"{self.user}:{{SHA}}{digest}\n")
        return path


NGINX = """
load_module {modules}/ngx_http_dav_ext_module.so;
user root;
worker_processes 2;
daemon off;
pid {folder}/nginx.pid;
error_log stderr error;
events {{ worker_connections 256; }}
http {{
  access_log off;
  sendfile on;
  keepalive_requests 100000000;
  client_max_body_size 0;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    root {root};
    auth_basic bench;
    auth_basic_user_file {passwords};
    dav_methods PUT DELETE MKCOL COPY MOVE;
    dav_ext_methods PROPFIND OPTIONS;
    dav_access user:rw;
    create_full_put_path on;
  }}
}}
"""


class Nginx(_WithPasswordFile):
    name = "nginx"

    def command(self) -> list[str]:
        module = "/usr/lib/nginx/modules/ngx_http_dav_ext_module.so"
        debian("nginx", "nginx-light", "libnginx-mod-http-dav-ext", needs=["/usr/sbin/nginx", module])
        text = NGINX.format(
            modules=Path(module).parent,
            folder=self.folder,
            port=self.port,
            root=self.root,
            passwords=self.password_file(),
        )
        (self.folder / "nginx.conf").write_text(text)
        return ["/usr/sbin/nginx", "-p", str(self.folder), "-c", str(self.folder / "nginx.conf")]

    def version(self) -> str:
        done = subprocess.run(["/usr/sbin/nginx", "-v"], capture_output=True, text=True, check=False)
        return done.stderr.strip().rpartition("/")[2]


APACHE = """
ServerName localhost
ServerRoot {folder}
PidFile {folder}/apache.pid
Listen 127.0.0.1:{port}
ErrorLog {folder}/error.log
LoadModule mpm_event_module {modules}/mod_mpm_event.so
LoadModule authn_core_module {modules}/mod_authn_core.so
LoadModule authn_file_module {modules}/mod_authn_file.so
LoadModule authz_core_module {modules}/mod_authz_core.so
LoadModule authz_user_module {modules}/mod_authz_user.so
LoadModule auth_basic_module {modules}/mod_auth_basic.so
LoadModule dav_module {modules}/mod_dav.so
LoadModule dav_fs_module {modules}/mod_dav_fs.so
User www-data
Group www-data
DAVLockDB {folder}/locks/db
DocumentRoot {root}
KeepAlive On
MaxKeepAliveRequests 0
EnableSendfile On
<Directory {root}>
  Dav On
  LimitRequestBody 0
  AuthType Basic
  AuthName bench
  AuthUserFile {passwords}
  Require valid-user
</Directory>
"""


class Apache(_WithPasswordFile):
    name = "Apache"

    def command(self) -> list[str]:
        module = "/usr/lib/apache2/modules/mod_dav_fs.so"
        debian("Apache", "apache2-bin", needs=["/usr/sbin/apache2", module])
        (self.folder / "locks").mkdir()
        text = APACHE.format(
            modules=Path(module).parent,
            folder=self.folder,
            port=self.port,
            root=self.root,
            passwords=self.password_file(),
        )
        (self.folder / "apache.conf").write_text(text)
        for path in (self.root, self.folder / "locks"):  # its workers are www-data when we are root
            subprocess.run(["chown", "-R", "www-data:www-data", str(path)], check=False)
        for parent in (self.folder, *list(self.folder.parents)[:1]):
            parent.chmod(0o755)
        return ["/usr/sbin/apache2", "-DFOREGROUND", "-f", str(self.folder / "apache.conf")]

    def version(self) -> str:
        done = subprocess.run(["/usr/sbin/apache2", "-v"], capture_output=True, text=True, check=False)
        return done.stdout.partition("Apache/")[2].partition(" ")[0]


class Rclone(Peer):
    name = "rclone"

    def command(self) -> list[str]:
        program = python_peers() / "rclone"
        address = f"127.0.0.1:{self.port}"
        credentials = ["--user", self.user, "--pass", self.password]
        return [str(program), "serve", "webdav", str(self.root), "--addr", address, *credentials]

    def version(self) -> str:
        done = subprocess.run([str(python_peers() / "rclone"), "version"], capture_output=True, text=True, check=False)
        return done.stdout.partition("\n")[0].removeprefix("rclone v")


class WsgiDav(Peer):
    name = "WsgiDAV"

    def command(self) -> list[str]:
        program = python_peers() / "wsgidav"
        configuration = {
            "host": "127.0.0.1",
            "port": self.port,
            "server": "cheroot",
            "provider_mapping": {"/": str(self.root)},
            "http_authenticator": {"accept_basic": True, "accept_digest": False, "default_to_digest": False},
            "simple_dc": {"user_mapping": {"*": {self.user: {"password": self.password}}}},
            "verbose": 1,
            "logging": {"enable": False},
        }
        path = self.folder / "wsgidav.json"
        path.write_text(json.dumps(configuration))
        return [str(program), "--config", str(path)]

    def version(self) -> str:
        return _installed("wsgidav")


class Copyparty(Peer):
    name = "copyparty"

    def command(self) -> list[str]:
        program = python_peers() / "copyparty"
        where = ["-i", "127.0.0.1", "-p", str(self.port)]
        account = ["-a", f"{self.user}:{self.password}", "-v", f"{self.root}::A,{self.user}"]
        # --daw: PUT and the like from every client, as WebDAV wants it
        return [str(program), "-q", "--daw", *where, *account]

    def version(self) -> str:
        return _installed("copyparty")


def _installed(package: str) -> str:
    python = python_peers() / "python"
    code = "import sys, importlib.metadata as m; print(m.version(sys.argv[1]))"
    return subprocess.run([python, "-c", code, package], capture_output=True, text=True, check=False).stdout.strip()


PEERS: dict[str, type[Peer]] = {peer.name: peer for peer in (Nginx, Apache, Rclone, WsgiDav, Copyparty)}

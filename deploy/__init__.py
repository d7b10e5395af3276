"""How the product is run: a cluster on one machine (cluster/), HAProxy (haproxy/), and files for orchestrators."""

"""What the processes count, for Prometheus.

`events`: what happened, noted by the hot paths in one append · `definitions`: the metrics · `flusher`: a thread of
each process that turns events into metrics twice a second · `directory`: the files in which the processes of one
replica put theirs together · `web`, `database`, `storage`, `jobs`: who notes what · `state`: what the database knows
(uploads, jobs that wait, pools) · `page`: GET /metrics · `server`: the same for workers.
"""

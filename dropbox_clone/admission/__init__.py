"""What a client must do before anybody works for it, and for how long others wait for it.

`stage` reads heads, and the bodies of visitors and forms, in the one thread that waits for all connections: who sends
slowly holds memory, never a thread. `turns` hands threads out so that nobody has them all; `pace` ends whoever is
slower than the slowest useful line; `body_limits` refuses bodies by their announced length before anything is parsed.
Every number is a setting (`limits`); docs/security.md says what they add up to.
"""

"""The door for clients: a link, a few questions, done. No account, no script, nothing about anybody else."""

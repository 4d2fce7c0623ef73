# Rscript run.R FILE: seconds of lmer's own call (the median of CALLS, 1 if not set) and its log-likelihood, as JSON.
suppressMessages(library(lme4))
d <- read.csv(commandArgs(trailingOnly = TRUE)[1])
taken <- sapply(1:as.integer(Sys.getenv("CALLS", "1")), function(i) system.time(m <<- suppressWarnings(lmer(value ~ session + (session | case), d)))["elapsed"])
cat(sprintf('{"lmer_call": %.4f, "lmer_log_likelihood": %.6f}\n', median(taken), as.numeric(logLik(m))))

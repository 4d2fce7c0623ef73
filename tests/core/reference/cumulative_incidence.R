# Numbers for tests/core/test_cohort.py: Rscript cumulative_incidence.R > cumulative_incidence.json
# Histories are drawn here; estimates and errors are those of survival::survfit (the jackknife with id=), the clustered
# error is the influence of each person summed within pairs.
suppressMessages(library(survival))
set.seed(20)
n <- 60
time <- sample(1:12, n, replace = TRUE)
kind <- sample(c("", "onset", "planned", "dropout"), n, replace = TRUE, prob = c(.2, .4, .2, .2))
entry <- pmin(sample(1:4, n, replace = TRUE), time)
d <- data.frame(id = 1:n, entry = entry, time = time, kind = kind, pair = (0:(n - 1)) %/% 2)
d$event <- factor(ifelse(d$kind == "", "censored", d$kind), c("censored", "onset", "planned", "dropout"))
at <- c(1, 3, 6, 9, 12)
numbers <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
late <- summary(survfit(Surv(entry - 1, time, event) ~ 1, data = d, id = id), times = at, extend = TRUE)
whole <- survfit(Surv(time, event) ~ 1, data = d, id = id, influence = TRUE)
early <- summary(whole, times = at, extend = TRUE)
pairs <- sapply(at, function(t) {
  step <- 1 + max(which(whole$time <= t))  # the first is where everybody starts
  sqrt(sum(rowsum(whole$influence.pstate[, step, 2], d$pair)^2))
})
cat("{\n")
cat(sprintf(' "made_with": "R %s, survival %s",\n', getRversion(), packageVersion("survival")))
cat(' "times": ', numbers(at), ',\n "entry": ', numbers(d$entry), ',\n "time": ', numbers(d$time), ',\n', sep = "")
cat(' "kind": [', paste0('"', d$kind, '"', collapse = ", "), '],\n', sep = "")
cat(' "late_incidence": ', numbers(late$pstate[, 2]), ',\n "late_error": ', numbers(late$std.err[, 2]), ',\n', sep = "")
cat(' "incidence": ', numbers(early$pstate[, 2]), ',\n "error": ', numbers(early$std.err[, 2]), ',\n', sep = "")
cat(' "pair_error": ', numbers(pairs), '\n}\n', sep = "")

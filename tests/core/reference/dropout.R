# Numbers for tests/core/test_study_dropout.py: Rscript dropout.R > dropout.json
# Sessions, status and ends are drawn here; the estimate, its error and its error by cluster are those of
# survival::coxph with Efron's ties and a status that changes from session to session.
suppressMessages(library(survival))
set.seed(4)
n <- 80
last <- sample(4:12, n, replace = TRUE)
end <- sample(0:1, n, replace = TRUE)
rows <- do.call(rbind, lapply(1:n, function(i) data.frame(id = i, session = 4:last[i])))
rows$event <- as.integer(rows$session == last[rows$id] & end[rows$id] == 1)
rows$x <- rbinom(nrow(rows), 1, ifelse(rows$event == 1, .45, .25))
rows$pair <- (rows$id - 1) %/% 4
fit <- coxph(Surv(session - 1, session, event) ~ x, data = rows, ties = "efron")
by <- function(cluster) sqrt(diag(coxph(Surv(session - 1, session, event) ~ x, data = rows, ties = "efron",
                                        cluster = cluster)$var))
numbers <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
cat("{\n")
cat(sprintf(' "made_with": "R %s, survival %s",\n', getRversion(), packageVersion("survival")))
cat(' "case": ', numbers(rows$id - 1), ',\n "session": ', numbers(rows$session), ',\n', sep = "")
cat(' "event": ', numbers(rows$event), ',\n "status": ', numbers(rows$x), ',\n', sep = "")
cat(' "group": ', numbers(rows$pair), ',\n', sep = "")
cat(sprintf(' "log_ratio": %.15g,\n "error": %.15g,\n', coef(fit), sqrt(fit$var[1, 1])))
cat(sprintf(' "error_by_case": %.15g,\n "error_by_group": %.15g\n}\n', by(rows$id), by(rows$pair)))

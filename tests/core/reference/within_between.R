# Numbers for tests/core/test_within_between.py: Rscript within_between.R > within_between.json
# Uncorrected effects are those of stats::lm with each person's own level (own level and slope); covariances between
# persons those of nlme::lme by REML, both ratings at once: own levels and errors correlated, with variances of their own.
suppressMessages(library(nlme))
set.seed(7)
n <- 60
sessions <- 7
x <- y <- matrix(0, n, sessions)
level <- rnorm(n)
other <- .5 * level + rnorm(n, sd = .8)
for (s in 1:sessions) {
  shock <- rnorm(n)
  x[, s] <- (if (s > 1) .3 * x[, s - 1] else 0) + shock
  y[, s] <- (if (s > 1) .4 * y[, s - 1] + .2 * x[, s - 1] else 0) + .3 * shock + rnorm(n)
}
x <- round(x + level, 3)
y <- round(y + other, 3)
x0 <- sweep(x, 2, colMeans(x))
y0 <- sweep(y, 2, colMeans(y))
pairs <- data.frame(id = factor(rep(1:n, sessions - 1)), time = rep(1:(sessions - 1), each = n),
                    x = c(x0[, -1]), y = c(y0[, -1]), x1 = c(x0[, -sessions]), y1 = c(y0[, -sessions]))
path <- function(form) sapply(c("x", "y"), function(each)
  coef(lm(as.formula(paste(each, form)), data = pairs))[c("x1", "y1")])
level_fit <- path("~ x1 + y1 + id")
course_fit <- path("~ x1 + y1 + id + id:time")
long <- data.frame(id = factor(rep(rep(1:n, sessions - 1), 2)), which = factor(rep(1:2, each = n * (sessions - 1))),
                   at = rep(1:(n * (sessions - 1)), 2), value = c(c(x0[, -1]), c(y0[, -1])))
long$occasion <- factor(long$at)
fit <- lme(value ~ 0 + which, random = ~ 0 + which | id, data = long, method = "REML",
           correlation = corSymm(form = ~ 1 | id / occasion), weights = varIdent(form = ~ 1 | which),
           control = lmeControl(msMaxIter = 500, opt = "optim", tolerance = 1e-10, msTol = 1e-12, reltol = 1e-14))
own <- getVarCov(fit)
numbers <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
cat("{\n")
cat(sprintf(' "made_with": "R %s, nlme %s",\n', getRversion(), packageVersion("nlme")))
cat(' "x": ', numbers(t(x)), ',\n "y": ', numbers(t(y)), ',\n', sep = "")
cat(' "level": ', numbers(level_fit), ',\n "course": ', numbers(course_fit), ',\n', sep = "")
cat(' "own_covariance": ', numbers(own), ',\n', sep = "")
cat(sprintf(' "slope": %.15g,\n "correlation": %.15g\n}\n', own[1, 2] / own[1, 1], cov2cor(own)[1, 2]))

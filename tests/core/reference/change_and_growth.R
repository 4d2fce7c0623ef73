# Numbers of another program for tests/core/test_change.py and test_growth.py: R 4.2.2, lme4 1.1-31 (Debian 12).
# Rscript tests/core/reference/change_and_growth.R FOLDER   writes change_and_growth.json there (needs no further package).
# Indices of change are written out here from the formulas on docs/methods/change.md; the mixed-model ones are lme4's.
suppressMessages(library(lme4))
folder <- commandArgs(trailingOnly = TRUE)[1]
number <- function(x) ifelse(is.na(x), "null", formatC(x, digits = 12, format = "g"))
array <- function(x) paste0("[", paste(number(x), collapse = ","), "]")
object <- function(parts) paste0("{", paste0('"', names(parts), '":', unlist(parts), collapse = ",\n"), "}")

set.seed(20261127)
n <- 30; times <- 1:5
level <- rnorm(n, 30, 7); slope <- rnorm(n, -1.2, 1.1)
d <- expand.grid(time = times, id = 1:n)
d$value <- round(level[d$id] + slope[d$id] * d$time + rnorm(nrow(d), 0, 3))
d$value[sample(nrow(d), 18)] <- NA
wide <- reshape(d, idvar = "id", timevar = "time", direction = "wide")
pre <- wide$value.1; post <- wide$value.5
both <- !is.na(pre) & !is.na(post)
r <- .85; r2 <- .78
p <- pre[both]; q <- post[both]; M <- mean(p); S <- sd(p); M2 <- mean(q); S2 <- sd(q); sem <- S * sqrt(1 - r)
rd <- (S^2 * r + S2^2 * (1 - sem^2 / S2^2) - 2 * S * S2 * cor(p, q)) / (S^2 + S2^2 - 2 * S * S2 * cor(p, q))
indices <- list(
  JT = (q - p) / (sqrt(2) * sem),
  GLN = ((q - M) - r * (p - M)) / (S * sqrt(1 - r^2)),
  GLN_population_25 = ((q - 25) - r * (p - 25)) / (S * sqrt(1 - r^2)),
  HLL = ((q - M2) - r * (p - M)) / (S * sqrt(1 - r^2)),
  EN = (q - (r * (p - M) + M)) / sem,
  NK_published = (q - (r * (p - M) + M)) / sqrt(r^2 * S^2 * (1 - r) + S2^2 * (1 - r2)),
  NK_clinicalsignificance = (q - (r * (p - M) + M)) / sqrt(r^2 * S^2 * (1 - r) + S^2 * (1 - r2)),
  HA = ((q - p) * rd + (M2 - M) * (1 - rd)) / (sqrt(rd) * sqrt(2 * sem^2)))
# Hageman and Arrindell with cut-off c of true scores, functional mean 20 and SD 6, lower is better
true_sd <- function(s) sqrt(s^2 - sem^2)
cut <- (true_sd(S) * 20 + true_sd(6) * M) / (true_sd(S) + true_sd(6))
rpost <- 1 - sem^2 / S2^2
side <- (M2 + (q - M2) * rpost - cut) / (sqrt(rpost) * sem)
word <- function(critical, program) {
  better <- -indices$HA > critical; worse <- -indices$HA < -critical
  after <- p > cut & -side > critical; below <- if (program) !after else -side < -critical
  ifelse(better, ifelse(p > cut & after, "recovered", "improved"),
         ifelse(worse, ifelse(p <= cut & below, "harmed", "deteriorated"), "unchanged"))
}
strings <- function(x) paste0("[", paste0('"', x, '"', collapse = ","), "]")
known <- d[!is.na(d$value), ]
several <- known[known$id %in% names(which(table(known$id) >= 3)), ]
m <- lmer(value ~ time + (time | id), several)
u <- as.data.frame(ranef(m, condVar = TRUE)); u <- u[u$term == "time", ]

# the error of each person's own slope, from the covariance of all parts at once (Henderson's equations)
own_errors <- function(m, term) {
  X <- getME(m, "X"); Zt <- as.matrix(getME(m, "Zt")); L <- as.matrix(getME(m, "Lambda")); s2 <- sigma(m)^2
  k <- ncol(X); D <- L %*% t(L); C <- rbind(cbind(t(X) %*% X, t(X) %*% t(Zt)), cbind(Zt %*% X, Zt %*% t(Zt) + solve(D)))
  V <- s2 * solve(C); groups <- nrow(Zt) / 2
  sapply(1:groups, function(i) { at <- c(term, k + 2 * (i - 1) + term); sqrt(sum(V[at, at])) })
}
all <- lmer(value ~ time + (time | id), known)
growth <- function(m) object(list(
  log_likelihood = number(as.numeric(logLik(m))), fixed = array(fixef(m)), errors = array(sqrt(diag(as.matrix(vcov(m))))),
  sds = array(c(attr(VarCorr(m)[[1]], "stddev"), sigma(m))), correlation = number(attr(VarCorr(m)[[1]], "correlation")[1, 2]),
  singular = tolower(isSingular(m)), intercepts = array(coef(m)[[1]][, 1]), slopes = array(coef(m)[[1]][, 2])))
s <- sleepstudy
flat <- known; set.seed(5); flat$value <- 20 + rnorm(30, 0, 3)[flat$id] + rnorm(nrow(flat), 0, 3)
flat_values <- rep(NA, nrow(d)); flat_values[!is.na(d$value)] <- flat$value
fits <- list(
  sleepstudy_reml = growth(lmer(Reaction ~ Days + (Days | Subject), s)),
  sleepstudy_ml = growth(lmer(Reaction ~ Days + (Days | Subject), s, REML = FALSE)),
  missing_reml = growth(all),
  missing_ml = growth(lmer(value ~ time + (time | id), known, REML = FALSE)),
  log_reml = growth(lmer(value ~ log(time) + (log(time) | id), known)),
  quadratic_ml = growth(lmer(value ~ time + I(time^2) + (time | id), known, REML = FALSE)),
  piecewise_reml = growth(lmer(value ~ time + pmax(time - 3, 0) + (time | id), known)),
  flat_reml = growth(suppressMessages(suppressWarnings(lmer(value ~ time + (time | id), flat)))))
writeLines(object(list(
  made_by = paste0('"', R.version.string, ", lme4 ", packageVersion("lme4"), ', change_and_growth.R"'),
  id = array(d$id), time = array(d$time), value = array(d$value), flat = array(flat_values),
  sleep_subject = array(as.numeric(as.character(s$Subject))), sleep_days = array(s$Days), sleep_reaction = array(s$Reaction),
  reliability = number(r), reliability_post = number(r2), both = array(which(both)),
  indices = object(lapply(indices, array)), true_cutoff = number(cut),
  true_published = strings(word(1.65, FALSE)), true_clinicalsignificance = strings(word(qnorm(.95), TRUE)),
  group_changed = number(pnorm(-(M2 - M) / (sd(q - p) * sqrt(rd)))), group_functional = number(pnorm((cut - M2) / true_sd(S2))),
  model_deviation_index = array(u$condval / u$condsd), model_deviation_id = array(as.numeric(as.character(u$grp))),
  own_slope = array(coef(all)$id[, 2]), own_slope_error = array(own_errors(all, 2)),
  own_intercept_error = array(own_errors(all, 1)), own_id = array(as.numeric(rownames(coef(all)$id))),
  fits = object(fits))), file.path(folder, "change_and_growth.json"))

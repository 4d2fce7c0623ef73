# Numbers for tests/core/test_one_with_many.py: Rscript one_with_many.R > one_with_many.json
# Balanced: 12 therapists, 5 cases each, 3 members each, 6 sessions; variances are those of lme4::lmer by REML.
suppressMessages(library(lme4))
set.seed(11)
d <- expand.grid(session = 1:6, member = 1:3, case = 1:5, therapist = 1:12)
d$case_id <- (d$therapist - 1) * 5 + d$case
d$member_id <- (d$case_id - 1) * 3 + d$member
d$occasion <- (d$case_id - 1) * 6 + d$session
d$value <- round(7 + rnorm(12, sd = .7)[d$therapist] + rnorm(60, sd = .8)[d$case_id] +
                 rnorm(180, sd = .9)[d$member_id] + rnorm(360, sd = .6)[d$occasion] + rnorm(nrow(d)), 3)
fit <- lmer(value ~ 1 + (1 | therapist) + (1 | case_id) + (1 | member_id) + (1 | occasion), data = d, REML = TRUE,
            control = lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10)))
found <- as.data.frame(VarCorr(fit))
named <- setNames(found$vcov, found$grp)
numbers <- function(x) paste0("[", paste(sprintf("%.15g", x), collapse = ", "), "]")
cat("{\n")
cat(sprintf(' "made_with": "R %s, lme4 %s",\n', getRversion(), packageVersion("lme4")))
for (each in c("therapist", "case", "member", "session", "value")) {
  column <- if (each %in% c("case", "member")) d[[paste0(each, "_id")]] else d[[each]]
  cat(' "', each, '": ', numbers(column), ',\n', sep = "")
}
cat(' "variances": ', numbers(named[c("therapist", "case_id", "member_id", "occasion", "Residual")]), '\n}\n', sep = "")

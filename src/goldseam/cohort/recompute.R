# Recomputes the main tables of this study from its files and says how far they differ.
# Rscript recompute.R, in this folder; hazards and cumulative incidence need the package survival, which comes with R.
cases <- read.csv("per-case.csv")
worst <- 0
compare <- function(name, ours, theirs) {
  apart <- max(abs(ours - theirs))
  if (is.na(apart)) apart <- Inf
  cat(sprintf("%-60s %.3g\n", name, apart))
  worst <<- max(worst, apart)
}
with_survival <- requireNamespace("survival", quietly = TRUE)
if (!with_survival) cat("not recomputed: first onset and hazards, the package survival is not installed\n")
read_if <- function(name) if (file.exists(name)) read.csv(name) else NULL
rows_of <- function(name) {  # what a table is recomputed from
  rows <- read_if(paste0(name, "-rows.csv"))
  if (is.null(rows) && file.exists(paste0(name, ".csv")))
    cat(sprintf("not recomputed: %s.csv, whose rows are over a million and were not written\n", name))
  rows
}

# Shares of cases, and what is corrected of them

shares <- read.csv("prevalence.csv")
for (i in seq_len(nrow(shares))) {
  if (is.na(shares$observed[i])) next
  id <- gsub("-", ".", shares$group[i], fixed = TRUE)
  counted <- cases[[paste0("counts_", id)]] == 1
  seen <- mean(cases[[paste0("flagged_", id)]][counted])
  chance <- mean(cases[[paste0("chance_", id)]][counted])
  compare(paste("cases flagged,", shares$group[i]), seen, shares$observed[i])
  compare(paste("by chance,", shares$group[i]), chance, shares$chance[i])
  compare(paste("excess,", shares$group[i]), seen - chance, shares$excess[i])
}
corrected <- read_if("corrected.csv")
if (!is.null(corrected) && any(!is.na(corrected$corrected))) {
  said <- corrected[!is.na(corrected$corrected), ]
  again <- (shares$observed[1] - shares$chance[1]) / (said$sensitivity - shares$chance[1])
  compare("corrected shares", pmin(pmax(again, 0), 1), said$corrected)
}

# First onset, and dropout after a split: the package survival

onset <- read_if("onset.csv")
if (!is.null(onset) && with_survival) {
  risk <- cases[!is.na(cases$entry), ]
  end <- ifelse(is.na(risk$end) | risk$end == "", "censored", risk$end)
  kinds <- c("censored", "first onset", "planned", "dropout")
  risk$event <- factor(end, levels = kinds)
  fit <- survival::survfit(survival::Surv(entry - 1, time, event) ~ 1, data = risk, id = number)
  at <- summary(fit, times = onset$session, extend = TRUE)
  place <- match("first onset", fit$states)
  compare("first onset, cumulative incidence", at$pstate[, place], onset$incidence)
  half <- qnorm(.975) * at$std.err[, place]
  compare("first onset, upper end of the interval", pmin(at$pstate[, place] + half, 1), onset$high)
}
hazard <- read_if("split-dropout.csv")
risk <- rows_of("split-dropout")
if (!is.null(hazard) && !is.null(risk) && with_survival) {
  clusters <- length(unique(risk$cluster))
  reach <- qt(.975, clusters - 1) * sqrt(clusters / (clusters - 1))
  for (i in which(!is.na(hazard$hazard_ratio))) {
    risk$status <- risk[[c("split_at_the_last_session", "split_so_far")[i]]]
    fit <- survival::coxph(survival::Surv(session - 1, session, dropout) ~ status, data = risk,
                           cluster = cluster, ties = "efron")
    error <- sqrt(fit$var[1, 1])
    name <- paste("dropout,", hazard$status[i])
    compare(paste0(name, ": ratio"), exp(coef(fit)), hazard$hazard_ratio[i])
    compare(paste0(name, ": ends"), exp(coef(fit) + c(-1, 1) * reach * error),
            c(hazard$hazard_ratio_low[i], hazard$hazard_ratio_high[i]))
    compare(paste0(name, ": calibrated"), exp(coef(fit)) / hazard$chance_hazard_ratio[i], hazard$calibrated[i])
  }
}

# From session to session: the corrected estimating functions of docs/methods/within-between.md

sheets <- function(rows, unit, columns) {  # units by sessions, a matrix for each rating
  units <- sort(unique(rows[[unit]]))
  at <- cbind(match(rows[[unit]], units), rows$session)
  lapply(columns, function(column) {
    sheet <- matrix(NA_real_, length(units), max(rows$session))
    sheet[at] <- rows[[column]]
    sheet
  })
}
around <- function(sheets) lapply(sheets, function(sheet) sweep(sheet, 2, colMeans(sheet, na.rm = TRUE)))
panel <- function(sheets, cluster, order) {  # sums of each unit over its pairs of neighbouring sessions
  known <- !is.na(sheets[[1]])
  last <- ncol(known)
  paired <- known[, -1, drop = FALSE] & known[, -last, drop = FALSE]
  kept <- which(rowSums(paired) >= c(3, 5)[order])
  units <- lapply(kept, function(i) {
    t <- which(paired[i, ])
    x <- sapply(sheets, function(sheet) sheet[i, t])
    y <- sapply(sheets, function(sheet) sheet[i, t + 1])
    course <- outer(t - 1, seq_len(order) - 1, "^")
    inverse <- solve(crossprod(course))
    solved <- inverse %*% t(course)
    taken <- matrix(0, last - 1, last - 1)
    taken[t, t] <- course %*% solved
    left_x <- x - course %*% solved %*% x
    left_y <- y - course %*% solved %*% y
    apart <- col(taken) - row(taken)
    list(later = crossprod(left_y), across = crossprod(left_y, left_x), earlier = crossprod(left_x),
         carried = vapply(seq_len(last - 1), function(lag) sum(taken[apart == lag]), 0), spare = length(t) - order,
         mean_y = solved %*% y, mean_x = solved %*% x, error = inverse)
  })
  list(units = units, cluster = cluster[kept], kept = kept, pairs = sum(paired[kept, ]))
}
innovations <- function(unit, a) {
  (unit$later - unit$across %*% t(a) - a %*% t(unit$across) + a %*% unit$earlier %*% t(a)) / unit$spare
}
estimating <- function(unit, a) {
  carried <- matrix(0, nrow(a), nrow(a))
  power <- diag(nrow(a))
  for (weight in unit$carried) {
    carried <- carried + weight * power
    power <- power %*% a
  }
  as.vector(t(unit$across - a %*% unit$earlier + innovations(unit, a) %*% t(carried)))
}
step <- 1e-5
derivative <- function(f, a) {  # by the elements of a matrix, row by row
  sapply(seq_along(a), function(place) {
    moved <- rep(0, length(a))
    moved[place] <- step
    moved <- matrix(moved, nrow(a), byrow = TRUE)
    (f(a + moved) - f(a - moved)) / (2 * step)
  })
}
fit_panel <- function(made) {
  units <- made$units
  all_of <- function(part) t(vapply(units, function(unit) as.vector(unit[[part]]), as.vector(units[[1]][[part]])))
  parts <- list(later = all_of("later"), across = all_of("across"), earlier = all_of("earlier"))
  square <- function(values) matrix(values, sqrt(length(values)))
  sums <- lapply(parts, function(part) square(colSums(part)))
  weights <- all_of("carried") / vapply(units, `[[`, 0, "spare")
  by_lag <- lapply(parts, function(part) crossprod(weights, part))
  summed <- function(a) {  # the mean of the estimating functions
    found <- sums$across - a %*% sums$earlier
    power <- diag(nrow(a))
    for (lag in seq_len(nrow(by_lag$later))) {
      unit <- lapply(by_lag, function(part) square(part[lag, ]))
      found <- found + innovations(c(unit, spare = 1), a) %*% t(power)
      power <- power %*% a
    }
    as.vector(t(found)) / length(units)
  }
  least <- sums$across %*% solve(sums$earlier)
  a <- least
  for (turn in 1:60) {
    slope <- derivative(summed, a)
    move <- -solve(slope, summed(a))
    a <- a + matrix(move, nrow(a), byrow = TRUE) * min(1, .3 / max(abs(move)))
    if (max(abs(move)) < 1e-9) break
  }
  moved <- -t(vapply(units, estimating, rep(0, length(a)), a = a)) %*% t(solve(derivative(summed, a)))
  c(made, list(a = a, least = least, moved = moved))
}
interval <- function(value, moved, cluster) {
  sums <- tapply(moved, cluster, sum)
  many <- length(sums)
  half <- qt(.975, many - 1) * sqrt(sum(sums^2) * many / (many - 1)) / length(moved)
  c(value, value - half, value + half)
}
path <- function(fit, weights) interval(sum(weights * fit$a), as.vector(fit$moved %*% as.vector(t(weights))), fit$cluster)
own_sd <- function(sheets, kept) sapply(sheets, function(sheet) {
  sheet <- sheet[kept, , drop = FALSE]
  sqrt(sum((sheet - rowMeans(sheet, na.rm = TRUE))^2, na.rm = TRUE) / sum(pmax(rowSums(!is.na(sheet)) - 1, 0)))
})
own_levels <- function(a, covariance) {
  towards <- solve(diag(nrow(a)) - a)
  towards %*% covariance %*% t(towards)
}
between <- function(fit, figure) {  # a figure of the latent own levels with its interval
  contributions <- function(a) {
    own <- t(vapply(fit$units, function(unit) as.vector(unit$mean_y - unit$mean_x %*% t(a)), rep(0, nrow(a))))
    around <- sweep(own, 2, colMeans(own))
    n <- nrow(own)
    t(vapply(seq_len(n), function(i) {
      unit <- fit$units[[i]]
      as.vector(t(tcrossprod(around[i, ]) * n / (n - 1) - unit$error[1, 1] * innovations(unit, a)))
    }, rep(0, length(a))))
  }
  square <- function(values) matrix(values, nrow(fit$a), byrow = TRUE)
  each <- contributions(fit$a)
  middle <- colMeans(each)
  by_covariance <- derivative(function(q) figure(own_levels(fit$a, q)), square(middle))
  by_a <- derivative(function(a) figure(own_levels(a, square(colMeans(contributions(a))))), fit$a)
  moved <- sweep(each, 2, middle) %*% by_covariance + fit$moved %*% by_a
  interval(figure(own_levels(fit$a, square(middle))), as.vector(moved), fit$cluster)
}
compare_row <- function(name, row, found, standardised) {
  compare(name, found, c(row$estimate, row$low, row$high))
  compare(paste0(name, ", standardised"), standardised,
          c(row$standardised, row$standardised_low, row$standardised_high))
}

rows <- rows_of("within-between")
said <- read_if("within-between.csv")
if (!is.null(rows) && !is.null(said)) {
  both <- around(sheets(rows, "person", c("alliance", "progress")))
  cluster <- tapply(rows$cluster, rows$person, `[`, 1)
  fits <- list()
  for (i in which(!is.na(said$estimate))) {
    row <- said[i, ]
    order <- if (row$removed == "own straight course") 2 else 1
    if (length(fits) < order || is.null(fits[[order]])) fits[[order]] <- fit_panel(panel(both, cluster, order))
    fit <- fits[[order]]
    name <- paste0(row$effect, ", ", row$removed)
    if (row$effect == "between persons") {
      compare_row(name, row, between(fit, function(levels) levels[1, 2] / levels[1, 1]),
                  between(fit, function(levels) levels[1, 2] / sqrt(levels[1, 1] * levels[2, 2])))
      next
    }
    ends <- strsplit(row$effect, " to ")[[1]]
    from <- if (ends[1] == "alliance") 1 else 2
    to <- if (ends[2] == "itself") from else 3 - from
    weights <- matrix(0, 2, 2)
    weights[to, from] <- 1
    sd <- own_sd(both, fit$kept)
    found <- path(fit, weights)
    compare_row(name, row, found, found * sd[from] / sd[to])
    compare(paste0(name, ", least squares"), fit$least[to, from], row$uncorrected)
    compare(paste0(name, ", persons and pairs"), c(length(fit$kept), fit$pairs), c(row$persons, row$pairs))
  }
}

rows <- rows_of("couples")
said <- read_if("couples.csv")
if (!is.null(rows) && !is.null(said)) {
  columns <- intersect(c("alliance_1", "alliance_2", "progress_1", "progress_2"), names(rows))
  members <- sheets(rows, "couple", columns)
  cluster <- tapply(rows$cluster, rows$couple, `[`, 1)
  d <- length(columns)
  turned <- c(2, 1, 4, 3)[seq_len(d)]
  twice <- lapply(seq_len(d), function(k) rbind(members[[k]], members[[turned[k]]]))
  twice <- around(twice)
  members <- around(members)
  sd <- own_sd(members, seq_along(cluster))
  scaled <- sqrt(sum(sd[1:2]^2) / sum(sd[(d - 1):d]^2))
  effects <- function(to) {  # of the own and of the partner's alliance in what a member has next
    at <- function(from) {
      found <- matrix(0, d, d)
      found[d - 2 + to, from] <- 1
      found
    }
    list(actor = at(to), partner = at(3 - to), "both members" = at(to) + at(3 - to))
  }
  roles <- unique(said$of[said$of != "either member" & said$of != "couples"])
  fits <- list()
  for (i in which(!is.na(said$estimate))) {
    row <- said[i, ]
    either <- row$of %in% c("either member", "couples")
    kind <- if (!either) "ordered" else if (row$removed == "own straight course") "course" else "level"
    if (is.null(fits[[kind]])) {
      made <- if (either) panel(twice, rep(cluster, 2), if (kind == "course") 2 else 1) else panel(members, cluster, 1)
      fits[[kind]] <- fit_panel(made)
    }
    fit <- fits[[kind]]
    name <- paste0(row$effect, ", ", row$of, ", ", row$removed)
    if (row$effect == "common fate") {
      slope <- function(levels) (levels[1, 4] + levels[2, 3]) / 2 / levels[1, 2]
      correlation <- function(levels) (levels[1, 4] + levels[2, 3]) / 2 / sqrt(levels[1, 2] * levels[3, 4])
      compare_row(name, row, between(fit, slope), between(fit, correlation))
      next
    }
    weights <- effects(1)[[row$effect]]
    if (!either && row$of == roles[2]) weights <- effects(2)[[row$effect]]
    if (!either && row$of == roles[3]) weights <- weights - effects(2)[[row$effect]]
    found <- path(fit, weights)
    compare_row(name, row, found, found * scaled)
  }
}

# One with many: products of pairs of ratings, a jackknife over therapists

products <- function(rows, value) {  # sums for each therapist: as in docs/methods/couples-and-families.md
  total <- function(x, by) as.vector(tapply(x, by, sum))
  first <- function(x, by) as.vector(tapply(x, by, `[`, 1))
  occasion <- paste(rows$case, rows$session)
  sums <- function(x) {
    member <- total(x, rows$member)
    case <- total(x, rows$case)
    therapist <- total(x, rows$therapist)
    squares <- function(sums, by) total(sums^2, by)
    ratings <- squares(x, rows$therapist)
    members <- squares(member, first(rows$therapist, rows$member))
    cases <- squares(case, first(rows$therapist, rows$case))
    occasions <- squares(total(x, occasion), first(rows$therapist, occasion)) - ratings
    rbind(ratings, members - ratings, occasions, cases - members - occasions, therapist^2 - cases, therapist)
  }
  weight <- 1 / ave(rows$member, rows$member, FUN = length)
  list(sums(weight * value), sums(weight))
}
variances <- function(made, without = integer(0)) {
  keep <- setdiff(seq_len(ncol(made[[1]])), without)
  sums <- made[[1]][, keep]
  counts <- made[[2]][, keep]
  means <- rowSums(sums[1:5, ]) / rowSums(counts[1:5, ])
  apart <- function(each) sum(each[6, ])^2 - sum(each[6, ]^2)
  none <- apart(sums) / apart(counts)
  families <- sum(counts[4, ]) > 0
  together <- if (families) means[3] - means[4] else 0
  case <- if (families) means[4] else means[5]
  c(means[5] - none, case - means[5], means[2] - case, together, means[1] - means[2] - together, means[2] - means[5])
}
share_of <- function(found) found / sum(found[1:5])
jackknife_half <- function(without) {
  n <- length(without)
  qt(.975, n - 1) * sqrt((n - 1) / n * sum((without - mean(without))^2))
}
parts <- c("therapist", "case", "member", "session of a case", "rating", "case and member")
rows <- rows_of("one-with-many")
said <- read_if("one-with-many.csv")
if (!is.null(rows) && !is.null(said)) {
  made <- products(rows, rows$rating)
  n <- ncol(made[[1]])
  shares <- share_of(variances(made))
  without <- sapply(seq_len(n), function(each) share_of(variances(made, each)))
  noise <- mean(colSums(made[[1]][1:4, ]) / made[[2]][6, ]^2) / sum(variances(made)[1:5])
  for (i in which(!is.na(said$share))) {
    place <- match(said$part[i], parts)
    ends <- shares[place] + c(-1, 1) * jackknife_half(without[place, ])
    if (place == 1) {
      odds <- function(share) log(pmax(noise + share / (1 - share), 1e-3 * noise))
      ends <- exp(odds(shares[1]) + c(-1, 1) * jackknife_half(odds(without[1, ]))) - noise
      ends <- ends / (1 + ends)
    }
    compare(paste("share of the variance,", said$part[i]), c(variances(made)[place], shares[place], ends),
            c(said$variance[i], said$share[i], said$low[i], said$high[i]))
  }
  said <- read_if("reciprocity.csv")
  if (!is.null(said) && any(!is.na(said$correlation))) {
    rows <- rows[!is.na(rows$therapists_rating), ]
    member <- rows$rating - ave(rows$rating, rows$session)
    both <- lapply(list(member, rows$therapists_rating, member + rows$therapists_rating), products, rows = rows)
    levels <- list(1, 6, 4:5)
    correlation <- function(level, without = integer(0)) {
      found <- sapply(both, function(each) sum(variances(each, without)[levels[[level]]]))
      if (found[1] <= 0 || found[2] <= 0) return(NaN)
      (found[3] - found[1] - found[2]) / 2 / sqrt(found[1] * found[2])
    }
    fisher <- function(r) atanh(pmin(pmax(r, -.999), .999))
    for (i in which(!is.na(said$correlation))) {
      value <- correlation(i)
      without <- sapply(seq_len(ncol(both[[1]][[1]])), function(each) correlation(i, each))
      ends <- tanh(fisher(value) + c(-1, 1) * jackknife_half(fisher(without)))
      compare(paste("reciprocity,", said$level[i]), c(value, ends), c(said$correlation[i], said$low[i], said$high[i]))
    }
  }
}

cat(sprintf("largest difference %.3g\n", worst))
if (worst > 1e-6) quit(status = 1)

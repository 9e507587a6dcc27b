import { Matrix, solve } from 'ml-matrix';

/** Rows that look the same, together: what they show, how many there are, how many of them had the outcome. */
export interface Pattern {
  readonly features: readonly number[];
  readonly patients: number;
  readonly events: number;
}

/** ln(odds) = intercept + features · weights. */
export interface LogisticModel {
  readonly intercept: number;
  readonly weights: readonly number[];
}

/** Rows with the same features as one pattern: what a fit costs then no longer grows with the patients. */
export function patternsOf(
  rows: readonly { readonly features: readonly number[]; readonly outcome: boolean }[],
): Pattern[] {
  const patterns = new Map<string, { features: readonly number[]; patients: number; events: number }>();
  for (const { features, outcome } of rows) {
    const key = features.join();
    const pattern = patterns.get(key) ?? { features, patients: 0, events: 0 };
    pattern.patients++;
    if (outcome) pattern.events++;
    patterns.set(key, pattern);
  }
  return [...patterns.values()];
}

/**
 * Logistic regression with a ridge: minimises -log likelihood + ridge / 2 × the sum of squared weights, the intercept left
 * free. Newton's method (iteratively reweighted least squares); scikit-learn's LogisticRegression with C = 1 / ridge minimises
 * the same.
 * @param ridge above 0: so the minimum is one, whatever the data.
 */
export function fitLogistic(patterns: readonly Pattern[], ridge: number): LogisticModel {
  const size = (patterns[0]?.features.length ?? 0) + 1;
  let beta = Array.from({ length: size }, () => 0);
  let loss = lossOf(patterns, beta, ridge);
  for (let step = 0; step < 100; step++) {
    const { gradient, curvature } = slopeOf(patterns, beta, ridge);
    const move = solve(curvature, Matrix.columnVector(gradient)).to1DArray();
    // Halved until it leads downhill: from far off, a whole step of Newton's can overshoot.
    let length = 1;
    let next = beta;
    let nextLoss = loss;
    do {
      next = beta.map((value, index) => value - length * (move[index] ?? 0));
      nextLoss = lossOf(patterns, next, ridge);
      length /= 2;
    } while (nextLoss > loss && length > 1e-6);
    const gained = loss - nextLoss;
    if (gained <= 0) break;
    beta = next;
    loss = nextLoss;
    if (gained < 1e-12 * (1 + loss)) break;
  }
  const [intercept = 0, ...weights] = beta;
  return { intercept, weights };
}

/**
 * The same with no weight below 0. A weight that comes out below is set to 0, the lowest first, and the others are fitted
 * again: a feature that is meant to raise the risk never lowers it.
 */
export function fitRising(patterns: readonly Pattern[], ridge: number): LogisticModel {
  const size = patterns[0]?.features.length ?? 0;
  let kept = Array.from({ length: size }, (_, index) => index);
  for (;;) {
    const model = fitLogistic(
      patterns.map((pattern) => ({ ...pattern, features: kept.map((index) => pattern.features[index] ?? 0) })),
      ridge,
    );
    const lowest = Math.min(0, ...model.weights);
    if (lowest === 0) {
      const weights = Array.from({ length: size }, () => 0);
      kept.forEach((index, place) => {
        weights[index] = model.weights[place] ?? 0;
      });
      return { intercept: model.intercept, weights };
    }
    kept = kept.filter((_, place) => model.weights[place] !== lowest);
  }
}

export function probabilityOf({ intercept, weights }: LogisticModel, features: readonly number[]): number {
  return 1 / (1 + Math.exp(-linear([intercept, ...weights], features)));
}

/** Mean -log likelihood of an outcome: what a cross-validation compares ridges by. */
export function logLoss(patterns: readonly Pattern[], { intercept, weights }: LogisticModel): number {
  const patients = patterns.reduce((sum, pattern) => sum + pattern.patients, 0);
  return lossOf(patterns, [intercept, ...weights], 0) / patients;
}

function linear(beta: readonly number[], features: readonly number[]): number {
  let sum = beta[0] ?? 0;
  for (let index = 0; index < features.length; index++) sum += (beta[index + 1] ?? 0) * (features[index] ?? 0);
  return sum;
}

function lossOf(patterns: readonly Pattern[], beta: readonly number[], ridge: number): number {
  let loss = 0;
  for (const { features, patients, events } of patterns) {
    const eta = linear(beta, features);
    // ln(1 + e^eta), for any eta.
    loss += patients * (Math.max(eta, 0) + Math.log1p(Math.exp(-Math.abs(eta)))) - events * eta;
  }
  return loss + (ridge / 2) * beta.slice(1).reduce((sum, weight) => sum + weight * weight, 0);
}

function slopeOf(patterns: readonly Pattern[], beta: readonly number[], ridge: number) {
  const size = beta.length;
  const gradient = beta.map((weight, index) => (index === 0 ? 0 : ridge * weight));
  const curvature = Matrix.zeros(size, size);
  for (let index = 1; index < size; index++) curvature.set(index, index, ridge);
  for (const { features, patients, events } of patterns) {
    const probability = 1 / (1 + Math.exp(-linear(beta, features)));
    const error = patients * probability - events;
    const weight = patients * probability * (1 - probability);
    const row = [1, ...features];
    for (let i = 0; i < size; i++) {
      const value = row[i] ?? 0;
      if (value === 0) continue;
      gradient[i] = (gradient[i] ?? 0) + error * value;
      for (let j = 0; j < size; j++) curvature.set(i, j, curvature.get(i, j) + weight * value * (row[j] ?? 0));
    }
  }
  // Where every patient is the same and certain, the intercept has no curvature left: a trace keeps it solvable.
  curvature.set(0, 0, curvature.get(0, 0) + 1e-9);
  return { gradient, curvature };
}

import { expect, test } from 'vitest'
import {
  binomialCdf,
  chiSquareTail,
  logGamma,
  normalDensity,
  normalTail,
  normalUpperQuantile,
  studentTail,
  studentUpperQuantile,
} from './distributions.ts'

/** All expected values are scipy 1.17.1's. */
function expectClose(actual: number, expected: number, relative = 1e-12) {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(relative * Math.abs(expected))
}

test.each([
  [0, 0.5],
  [1.96, 0.0249978951482204],
  [5, 2.86651571879193e-7],
  [10, 7.61985302416047e-24],
  [30, 4.90671392714791e-198],
  [-2, 0.977249868051821],
])('the normal tail above %f is %f, however small', (z, tail) => {
  expectClose(normalTail(z), tail)
})

test.each([
  [0.025, 1.95996398454005],
  [0.2, 0.841621233572914],
  [0.975, -1.95996398454005],
  [1e-10, 6.36134090240406],
  [1e-20, 9.26234008979841],
  [1e-100, 21.2734535609653],
])('the normal quantile of the tail %f is %f', (tail, z) => {
  expectClose(normalUpperQuantile(tail), z)
})

test.each([
  [2, 1, 0.147583617650433],
  [2.5, 17.3, 0.0113737500879006],
  [-1, 3, 0.804498890522115],
  [10, 58, 1.5520449942308e-14],
  [40, 1000, 5.23942607758664e-210],
  [20, 1e6, 2.86654352369513e-89],
  [10, Infinity, 7.61985302416047e-24],
])('the tail of t above %f with %f degrees of freedom is %f', (t, degreesOfFreedom, tail) => {
  expectClose(studentTail(t, degreesOfFreedom), tail)
})

test.each([
  [0.025, 1, 12.7062047361747],
  [0.025, 58, 2.00171748414524],
  [0.3, 2.5, 0.597307738252318],
  [1e-8, 17.3, 9.71832212300923],
  [0.975, 10, -2.22813885198627],
  [0.025, Infinity, 1.95996398454005],
])('the t quantile of the tail %f with %f degrees of freedom is %f', (tail, degreesOfFreedom, t) => {
  expectClose(studentUpperQuantile(tail, degreesOfFreedom), t)
})

test.each([
  [3.84, 1, 0.0500435212487052],
  [500, 2, 2.66919021554127e-109],
  [10, 20, 0.968171942693795],
  [1000, 3, 1.79942087653141e-216],
])('the chi-square tail above %f with %f degrees of freedom is %f', (x, degreesOfFreedom, tail) => {
  expectClose(chiSquareTail(x, degreesOfFreedom), tail)
})

test('the other functions are what their names say', () => {
  expectClose(binomialCdf(39, 100, 0.5), 0.0176001001088524)
  expectClose(logGamma(11), Math.log(3628800))
  expectClose(normalDensity(1), 0.241970724519143)
})

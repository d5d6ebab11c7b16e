import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalTail, studentTail } from './distributions.ts'
import { noncentralTail } from './noncentral-t.ts'

test.each([
  [2, 2, 0.5, 0.17577757202744],
  [2.0017, 58, 3.873, 0.967710714528003],
  [2.0244, 38, 0.3162, 0.0493015288084835],
  [1.96, 1e5, 2.8, 0.799544918814511],
  [4.3, 2, 6, 0.836068737549243],
  [1.7, 10, -1, 0.00624951574781576],
])("P(T > %f) with %f degrees of freedom and shift %f is scipy's %f", (t, degreesOfFreedom, shift, tail) => {
  expect(noncentralTail(t, degreesOfFreedom, shift)).toBeCloseTo(tail, 11)
})

test('without a shift it is Student’s t, and with very many degrees of freedom a normal distribution', () => {
  fc.assert(
    fc.property(
      fc.double({ min: -6, max: 6, noNaN: true }),
      fc.double({ min: 1, max: 1e4, noNaN: true }),
      (t, degreesOfFreedom) => {
        expect(noncentralTail(t, degreesOfFreedom, 0)).toBeCloseTo(studentTail(t, degreesOfFreedom), 10)
        expect(noncentralTail(t, 1e9, 1.5)).toBeCloseTo(normalTail(t - 1.5), 7)
      },
    ),
  )
})

import type { JsonObject, Recipe } from '@bulkhead/contracts'
import { encodeFactors } from '../artefact/factors.ts'
import { encodeItemNeighbours } from '../artefact/item-neighbours.ts'
import { cheapestWay } from '../ease/cost.ts'
import { DEFAULT_EASE, describeEase, type EaseParameters } from '../ease/parameters.ts'
import { trainEase } from '../ease/train.ts'
import { DEFAULT_IALS, describeIals, type IalsParameters } from '../ials/parameters.ts'
import { type IalsCheckpoint, trainIals } from '../ials/train.ts'
import type { InteractionMatrix } from '../item-to-item/interaction-matrix.ts'
import {
  DEFAULT_PARAMETERS,
  describeAlgorithm,
  type ItemToItemParameters,
} from '../item-to-item/parameters.ts'
import { type NeighbourLists, trainItemToItem } from '../item-to-item/train.ts'
import type { Algorithm, TrainingChoice } from './algorithms.ts'
import { recipeOf } from './recipe.ts'

/** With more items the choice by size is iALS: EASE takes their cube, minutes from here on. */
export const MAX_ITEMS_OF_EASE = 5_000

/** Rows of the largest matrix that EASE inverts where it is asked for by name: 1.6 GB, and about an hour. */
export const MAX_EASE_SIDE = 20_000

export type TrainingStep = {
  /** Share of the work, from 0 to 1. */
  readonly done: number
  /** What training could go on from; null at most steps. Its array must not be changed, and changes with the next step. */
  readonly checkpoint: IalsCheckpoint | null
}

/** A choice with everything decided. */
export type TrainingPlan = {
  readonly algorithm: Algorithm
  /** The name of the model whose versions it makes. */
  readonly model: string
  /** The algorithm with its parameters, as text: equal texts and equal data give equal artefacts. */
  readonly description: string
  readonly recipe: Recipe
  /** Gives the artefact's bytes at the end. */
  train(
    matrix: InteractionMatrix,
    trainingFingerprint: string,
    checkpoint: IalsCheckpoint | null,
  ): Generator<TrainingStep, Uint8Array, void>
}

/** `too-large` where EASE was asked for by name, and would need a matrix of `side` rows. */
export type PlanResult =
  | { readonly type: 'plan'; readonly plan: TrainingPlan }
  | { readonly type: 'too-large'; readonly side: number }

export function planTraining(choice: TrainingChoice, matrix: InteractionMatrix): PlanResult {
  switch (choice.algorithm) {
    case 'by-size':
      return matrix.itemIds.length <= MAX_ITEMS_OF_EASE
        ? planTraining({ algorithm: 'ease', parameters: {} }, matrix)
        : planTraining({ algorithm: 'ials', parameters: choice.parameters }, matrix)
    case 'ease': {
      const { side } = cheapestWay(matrix)
      if (side > MAX_EASE_SIDE) return { type: 'too-large', side }
      return { type: 'plan', plan: easePlan({ ...DEFAULT_EASE, ...choice.parameters }) }
    }
    case 'ials':
      return { type: 'plan', plan: ialsPlan({ ...DEFAULT_IALS, ...choice.parameters }) }
    case 'item-knn':
      return { type: 'plan', plan: itemToItemPlan({ ...DEFAULT_PARAMETERS, ...choice.parameters }) }
  }
}

function easePlan(parameters: EaseParameters): TrainingPlan {
  const description = describeEase(parameters)
  return {
    algorithm: 'ease',
    model: 'ease',
    description,
    recipe: recipeOf('ease', parameters),
    train: (matrix, fingerprint) =>
      neighboursArtefact(trainEase(matrix, parameters), description, parameters, fingerprint),
  }
}

function itemToItemPlan(parameters: ItemToItemParameters): TrainingPlan {
  const description = describeAlgorithm(parameters)
  return {
    algorithm: 'item-knn',
    model: 'item-to-item',
    description,
    recipe: recipeOf('item-knn', parameters),
    train: (matrix, fingerprint) =>
      neighboursArtefact(trainItemToItem(matrix, parameters), description, parameters, fingerprint),
  }
}

function ialsPlan(parameters: IalsParameters): TrainingPlan {
  const description = describeIals(parameters)
  return {
    algorithm: 'ials',
    model: 'ials',
    description,
    recipe: recipeOf('ials', parameters),
    *train(matrix, trainingFingerprint, checkpoint) {
      const factors = yield* trainIals(matrix, parameters, checkpoint)
      return encodeFactors({ algorithm: description, parameters, trainingFingerprint }, factors, parameters)
    },
  }
}

function* neighboursArtefact(
  shares: Generator<number, NeighbourLists, void>,
  algorithm: string,
  parameters: JsonObject,
  trainingFingerprint: string,
): Generator<TrainingStep, Uint8Array, void> {
  let share = shares.next()
  for (; !share.done; share = shares.next()) yield { done: share.value, checkpoint: null }
  return encodeItemNeighbours({ algorithm, parameters, trainingFingerprint }, share.value)
}

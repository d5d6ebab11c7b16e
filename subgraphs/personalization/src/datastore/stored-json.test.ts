import { expect, test } from 'vitest'
import { readModelVersion, readSlate } from './stored-json.ts'

// Never changed: datastores hold such texts. A field that joined later is missing here, so it has to be optional.
const SLATE = `{"id":"s1","userId":"u1","surface":"home","createdAt":1767571200000,"items":[
    {"itemId":"i1","score":0.5,"source":"model","propensity":null,
      "reason":{"kind":"BECAUSE_OF_ITEM","itemId":"i9","text":"Because you chose it"}},
    {"itemId":"i2","score":0,"source":"static","propensity":1,"reason":null}
  ],"servedBy":{"rung":"MODEL","cause":null},"modelVersionId":"item-to-item-v1","snapshotVersion":4,
  "attributes":{"country":"NL"},"assignments":[
    {"experimentKey":"mix","experimentVersion":1,"variantKey":"control","unit":"u1","forced":false,"applied":true,
      "exposure":"ON_SERVE"}
  ],"exposureContext":"","policy":{"id":"mix-v1","seed":"00","candidatesHash":"00"}}`
const MODEL_VERSION = `{"id":"item-to-item-v1","model":"item-to-item","version":1,"algorithm":"cosine","stage":"RETIRED",
  "owner":"demo","createdAt":1767571200000,"artefactHash":"00","trainingData":
    {"fingerprint":"00","users":2,"items":3,"interactions":4,"cutoff":1767571100000},
  "stageHistory":[
    {"from":null,"to":"PRODUCTION","at":1767571200000,"by":"demo","reason":"first"},
    {"from":"PRODUCTION","to":"RETIRED","at":1767571300000,"by":"ana","reason":"a newer one"}
  ]}`

test('a slate that the first release stored can still be read', () => {
  const { servedBy, policy, ...rest } = JSON.parse(SLATE)
  expect(readSlate(SLATE)).toEqual({
    ...rest,
    servedBy: { ...servedBy, sources: null, modelShare: null },
    policy: { ...policy, candidateWidth: null },
    producer: null,
  })
})

test('a model version that the first release stored can still be read', () => {
  expect(readModelVersion(MODEL_VERSION)).toEqual(JSON.parse(MODEL_VERSION))
})

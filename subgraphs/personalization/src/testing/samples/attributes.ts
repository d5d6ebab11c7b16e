/** Keys and values that a careless adapter loses, changes or chokes on. */
export const HOSTILE_ATTRIBUTES = JSON.parse(
  `{ "$set": 1, "a.b": { "$where": [null, true, 1.5, -3e20] }, "": "empty", "__proto__": { "x": 1 },
     "nul": "a\\u0000b", "emoji": "\\ud83d\\ude00 é", "big": 9007199254740991, "constructor": [] }`,
)

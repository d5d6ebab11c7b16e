/** What invented titles and names are made of. None is a real artist; a likeness is chance. */

export const GENRES = [
  'Ambient',
  'Blues',
  'Chamber',
  'Downtempo',
  'Electronica',
  'Folk',
  'Funk',
  'Hip-Hop',
  'Indie Rock',
  'Jazz',
  'Metal',
  'Soul',
] as const

export const ADJECTIVES = [
  'Amber', 'Bitter', 'Borrowed', 'Brittle', 'Copper', 'Crooked', 'Distant', 'Drowsy', 'Faded', 'Feral', 'Gilded',
  'Hollow', 'Humming', 'Idle', 'Ivory', 'Jagged', 'Lonesome', 'Lucid', 'Marbled', 'Midsummer', 'Muted', 'Narrow',
  'Northern', 'Pale', 'Paper', 'Patient', 'Quiet', 'Restless', 'Rusty', 'Salted', 'Silver', 'Sleepless', 'Slow',
  'Sudden', 'Tangled', 'Tidal', 'Unwritten', 'Violet', 'Wandering', 'Weathered',
] as const

export const NOUNS = [
  'Antler', 'Atlas', 'Beacon', 'Bramble', 'Canyon', 'Carousel', 'Cathedral', 'Cinder', 'Compass', 'Current', 'Dune',
  'Ember', 'Engine', 'Estuary', 'Feather', 'Ferry', 'Garden', 'Glacier', 'Harbour', 'Horizon', 'Kettle', 'Lantern',
  'Ledger', 'Lighthouse', 'Magnet', 'Marrow', 'Meadow', 'Mirror', 'Orchard', 'Parade', 'Pilot', 'Quarry', 'Railway',
  'Ribbon', 'Satellite', 'Shoreline', 'Signal', 'Sparrow', 'Staircase', 'Tempest', 'Thicket', 'Tundra', 'Veranda',
  'Window',
] as const

export const MOMENTS = [
  'After Rain', 'at Dawn', 'at Low Tide', 'Before the Flood', 'by Candlelight', 'in Winter', 'on Sunday', 'on the Hill',
  'under Glass', 'until Morning', 'without a Map', 'without You',
] as const

export const VERBS = [
  'Carry', 'Chase', 'Count', 'Cross', 'Follow', 'Forget', 'Leave', 'Mend', 'Open', 'Paint', 'Remember', 'Ring',
] as const

export const FIRST_NAMES = [
  'Adrie', 'Bexley', 'Calla', 'Corvin', 'Davia', 'Elowen', 'Fenno', 'Hesper', 'Isolde', 'Jory', 'Kestra', 'Linnea',
  'Marlo', 'Nerys', 'Odalys', 'Perrin', 'Quill', 'Rafferty', 'Sunniva', 'Tamsin', 'Ulric', 'Vesna', 'Wynn', 'Yarrow',
] as const

export const SURNAME_STARTS = ['Ald', 'Brack', 'Cald', 'Dren', 'Fal', 'Hath', 'Kel', 'Mor', 'Oster', 'Pell', 'Rav', 'Thorn'] as const
export const SURNAME_ENDS = ['bourne', 'dale', 'ering', 'gate', 'holt', 'low', 'mere', 'quist', 'sby', 'ver', 'wick', 'yard'] as const

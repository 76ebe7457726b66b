/// What the world of ``TinyCorpus`` consists of.
enum TinyKnowledge {
  /// Parts of a machine and what they do.
  static let parts: [(subject: String, does: String)] = [
    ("a cache", "keeps copies of recent data close to the core"),
    ("a register file", "holds the operands of the next instructions"),
    ("an adder", "adds two numbers bit by bit"),
    ("a multiplier", "adds shifted copies of a number"),
    ("a comparator", "tells which of two numbers is larger"),
    ("a crossbar", "multiplies a vector by a matrix in one step"),
    ("a systolic array", "passes operands from cell to cell"),
    ("a pipeline", "starts a new instruction in every cycle"),
    ("a branch predictor", "guesses which way a branch goes"),
    ("a memory controller", "puts the requests to the memory in order"),
    ("a lookup table", "stores the result for every input"),
    ("a vector unit", "works on many numbers at a time"),
    ("a clock", "says when the next cycle begins"),
    ("an interferometer", "mixes two beams of light"),
    ("a photonic mesh", "computes with light instead of current"),
    ("a bus", "carries data from one part to another"),
  ]

  /// Methods and what they do.
  static let methods: [(name: String, does: String)] = [
    ("pruning", "removes weights that matter little"),
    ("quantization", "stores numbers in fewer bits"),
    ("distillation", "trains a small network to answer like a large one"),
    ("basis sharing", "lets several layers use the same basis"),
    ("caching", "keeps what was computed for later"),
    ("batching", "reads the weights once for many inputs"),
    ("tiling", "cuts a large product into blocks that fit the cache"),
    ("fusion", "joins two loops into one"),
    ("early exit", "stops as soon as the answer is sure"),
    ("architecture search", "looks for a network that is fast and good"),
  ]

  /// Who reads memory.
  static let readers = ["the core", "the vector unit", "the controller", "the array"]

  /// True sentences that stand by themselves.
  static let remarks = [
    "Moving data costs more energy than computing with it.",
    "A small model fits in the cache and runs fast.",
    "Half the bits take half the memory.",
    "The slowest stage sets the speed of a pipeline.",
    "A model that is not read from memory cannot answer.",
    "Light needs no wire, but it needs a detector.",
    "Measure first, then change one thing.",
    "Two cores are not twice as fast when they wait for the same memory.",
  ]

  /// How to open a conversation.
  static let greetings: [(question: String, answer: String)] = [
    ("Hello!", "Hello! Ask me about a part of a chip or a small sum."),
    ("Hi", "Hello! Ask me about a part of a chip or a small sum."),
    ("Who are you?", "I am the tiny model that comes with Hardwise."),
    ("What can you do?", "I know some facts about hardware and small sums."),
    ("Thank you.", "You are welcome."),
  ]
}

// Sequences as they come, and decisions on them, for step models exported by rnnkit (Apache-2.0).
//
// Needs no heap and only what tflite::MicroInterpreter has: inputs_size(), input(i), output(i), Invoke().
// C++11 or later.
#ifndef RNNKIT_MICRO_H_
#define RNNKIT_MICRO_H_

#include <cstddef>
#include <cstring>

namespace rnnkit {

// A sequence as it comes. The states of the network are kept here, since the interpreter's memory is used anew in each
// call; several streams can share an interpreter.
//
// StateCount: the numbers in all states, kStateCount of the model.
template <class Interpreter, std::size_t StateCount>
class Stream {
 public:
  explicit Stream(Interpreter& interpreter) : interpreter_(interpreter) { Reset(); }

  // Begins another sequence.
  void Reset() { std::memset(states_, 0, sizeof(states_)); }

  // Takes one step, as many numbers as the model's first input has. Returns the first output (probabilities, in the order
  // of kLabels), valid until the next call of the interpreter; nullptr when the interpreter fails.
  const float* Step(const float* values) {
    std::memcpy(interpreter_.input(0)->data.f, values, interpreter_.input(0)->bytes);
    const std::size_t inputs = interpreter_.inputs_size();
    float* state = states_;
    for (std::size_t i = 1; i < inputs; ++i) {
      std::memcpy(interpreter_.input(i)->data.f, state, interpreter_.input(i)->bytes);
      state += interpreter_.input(i)->bytes / sizeof(float);
    }
    if (interpreter_.Invoke() != 0) return nullptr;
    state = states_;
    for (std::size_t i = 1; i < inputs; ++i) {  // output i is the new state i
      std::memcpy(state, interpreter_.output(i)->data.f, interpreter_.output(i)->bytes);
      state += interpreter_.output(i)->bytes / sizeof(float);
    }
    return interpreter_.output(0)->data.f;
  }

 private:
  Interpreter& interpreter_;
  float states_[StateCount > 0 ? StateCount : 1];
};

// A stream without an end: what it answers rests on the last steps, between half and all of `window`. Two streams run,
// the younger by half a window; the older one answers until it is a window old.
template <class Interpreter, std::size_t StateCount>
class Window {
 public:
  Window(Interpreter& interpreter, int window) : one_(interpreter), other_(interpreter), half_(window / 2) { Reset(); }

  void Reset() {
    older_ = &one_;
    younger_ = &other_;
    older_->Reset();
    both_ = false;
    steps_ = 0;
  }

  // As Stream::Step.
  const float* Step(const float* values) {
    if (half_ > 0 && steps_ == half_) {
      if (both_) {
        Stream<Interpreter, StateCount>* done = older_;
        older_ = younger_;
        younger_ = done;
      }
      younger_->Reset();
      both_ = true;
      steps_ = 0;
    }
    ++steps_;
    if (both_ && younger_->Step(values) == nullptr) return nullptr;
    return older_->Step(values);
  }

 private:
  Stream<Interpreter, StateCount> one_;
  Stream<Interpreter, StateCount> other_;
  Stream<Interpreter, StateCount>* older_;
  Stream<Interpreter, StateCount>* younger_;
  int half_;
  bool both_;
  int steps_;
};

// Decisions on a stream: a label is decided once it had a probability of `threshold` or more for `hold` steps one after
// the other. It is decided again after another one, or after as many steps without any.
class Decider {
 public:
  explicit Decider(float threshold = 0.8f, int hold = 5)
      : threshold_(threshold), hold_(hold), said_(-1), candidate_(-1), held_(0) {}

  // The number of the label that is decided at this step; -1 when none is. Labels that are `silent` (kIsSilent of a model
  // of sounds: the background and unknown words) are as none.
  int Decide(const float* probabilities, int labels, const bool* silent = nullptr) {
    int best = 0;
    for (int i = 1; i < labels; ++i) {
      if (probabilities[i] > probabilities[best]) best = i;
    }
    const bool counts = probabilities[best] >= threshold_ && (silent == nullptr || !silent[best]);
    const int label = counts ? best : -1;
    held_ = label == candidate_ ? held_ + (held_ <= hold_ ? 1 : 0) : 1;
    candidate_ = label;
    if (held_ != hold_ || label == said_) return -1;
    said_ = label;
    return label;
  }

 private:
  float threshold_;
  int hold_;
  int said_;
  int candidate_;
  int held_;
};

}  // namespace rnnkit

#endif  // RNNKIT_MICRO_H_

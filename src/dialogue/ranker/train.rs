//! The course of training: all sentences first, then some are taken out again and judged as new ones,
//! which is what confidence is calibrated on.

use super::bayes::Bayes;
use super::judge::{Judge, Sample};
use super::linear::{Lesson, Linear, Pulls};
use super::nearest::Nearest;
use super::order::Dice;
use super::text::{Features, Reader};
use super::vocabulary::Vocabulary;
use super::{Language, Ranker};
use std::collections::BTreeSet;

/// Passes over all sentences; where there are many, fewer will do.
const PASSES: usize = 6;
const FEWER_PASSES: usize = 4;
/// Sentences are left out in so many parts…
const FOLDS: usize = 5;
/// … of which as many are judged as give about so many sentences.
const ENOUGH: usize = 250;
/// From so many on, features of a single sentence are not worth their place…
const SOME: usize = 1500;
/// … and from so many on, time counts.
const MANY: usize = 3000;
/// Sentences that are judged at most for calibration, per part.
const JUDGED: usize = 600;

/// See [`Ranker::train`].
pub(super) fn train(
    examples: &[(usize, String)],
    outside: &[String],
    language: Language,
) -> Ranker {
    let labels: Vec<usize> = examples
        .iter()
        .map(|example| example.0)
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    let class = |label: &usize| labels.binary_search(label).unwrap_or_default();
    let owners: Vec<usize> = examples
        .iter()
        .map(|(label, _)| class(label))
        .chain(outside.iter().map(|_| labels.len()))
        .collect();
    let mut reader = Reader::new(language);
    let features: Vec<Features> = examples
        .iter()
        .map(|(_, text)| text)
        .chain(outside)
        .map(|text| reader.features(text))
        .collect();
    let least = if features.len() < SOME { 1 } else { 2 };
    let vocabulary = Vocabulary::learn(&features, least);
    let lessons: Vec<Lesson> = features
        .iter()
        .zip(&owners)
        .map(|(features, &owner)| Lesson::new(vocabulary.vector(features), owner))
        .collect();
    let inside = &lessons[..examples.len()];
    let nearest = Nearest::new(vocabulary.len(), inside);
    let classes = labels.len() + usize::from(!outside.is_empty());
    let mut course = Course::new(&lessons, classes, vocabulary.len());
    course.learn();
    let samples = course.samples(&nearest, &vocabulary, labels.len());
    Ranker {
        language,
        judge: Judge::learn(&samples, labels.len()),
        bayes: Bayes::new(vocabulary.len(), labels.len(), &lessons, |_| true),
        linear: course.linear,
        labels,
        vocabulary,
        nearest,
    }
}

struct Course<'a> {
    lessons: &'a [Lesson],
    linear: Linear,
    pulls: Pulls,
    order: Vec<u32>,
    dice: Dice,
    /// Which part each lesson belongs to.
    folds: Vec<usize>,
}

impl<'a> Course<'a> {
    fn new(lessons: &'a [Lesson], classes: usize, features: usize) -> Self {
        let mut dice = Dice::new(1);
        let mut order: Vec<u32> = (0..lessons.len() as u32).collect();
        dice.shuffle(&mut order);
        // Each class in turn into each part.
        let mut met = vec![0; classes];
        let mut folds = vec![0; lessons.len()];
        for &index in &order {
            let index = index as usize;
            let met = &mut met[lessons[index].label];
            folds[index] = *met % FOLDS;
            *met += 1;
        }
        Self {
            lessons,
            linear: Linear::new(features, classes),
            pulls: Pulls::new(lessons.len(), classes),
            order,
            dice,
            folds,
        }
    }

    fn learn(&mut self) {
        let passes = if self.lessons.len() < MANY {
            PASSES
        } else {
            FEWER_PASSES
        };
        for _ in 0..passes {
            self.dice.shuffle(&mut self.order);
            self.linear.pass(&mut self.pulls, self.lessons, &self.order);
        }
    }

    /// Sentences as they are judged by a ranker that has not learnt from them.
    fn samples(&self, nearest: &Nearest, vocabulary: &Vocabulary, labels: usize) -> Vec<Sample> {
        let parts = (ENOUGH * FOLDS / self.lessons.len().max(1)).clamp(1, FOLDS);
        let mut out = Vec::new();
        for part in 0..parts {
            let (left, rest): (Vec<u32>, Vec<u32>) = self
                .order
                .iter()
                .partition(|&&index| self.folds[index as usize] == part);
            let (mut linear, mut pulls) = (self.linear.clone(), self.pulls.clone());
            for &index in &left {
                let index = index as usize;
                linear.forget(&mut pulls, &self.lessons[index], index);
            }
            linear.pass(&mut pulls, self.lessons, &rest);
            let bayes = Bayes::new(vocabulary.len(), labels, self.lessons, |index| {
                self.folds[index] != part
            });
            for &index in self.judged(&left, labels) {
                let lesson = &self.lessons[index as usize];
                let mut scores = Vec::new();
                linear.scores(&lesson.vector, &mut scores);
                let near = nearest.scores(&lesson.vector, labels, |other| {
                    self.folds.get(other) != Some(&part)
                });
                out.push(Sample {
                    scores,
                    near,
                    spoken_for: bayes.scores(&lesson.vector),
                    known: vocabulary.known_to_others(&lesson.vector),
                    label: lesson.label,
                });
            }
        }
        out
    }

    /// Some of those left out, and every one from outside, of which there are few.
    fn judged<'b>(&self, left: &'b [u32], labels: usize) -> impl Iterator<Item = &'b u32> {
        let outside = |index: &u32| self.lessons[*index as usize].label == labels;
        let (rest, own): (Vec<&u32>, Vec<&u32>) = left.iter().partition(|index| !outside(index));
        let some = rest.into_iter().take(JUDGED);
        some.chain(own.into_iter().take(JUDGED))
    }
}

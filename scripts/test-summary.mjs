/** Prints the closing line of a test run, from the JSON report whose path is the one argument. */
import { readFileSync } from 'node:fs';

const report = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const skipped = report.numPendingTests + report.numTodoTests;
const brokenFiles = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
const failed = report.numFailedTests + brokenFiles.length;
if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed\n`);

import { Html } from './html.ts';

const shapes = {
  pull: '<circle cx="4" cy="3.5" r="1.75"/><circle cx="4" cy="12.5" r="1.75"/><circle cx="12" cy="12.5" r="1.75"/><path d="M4 5.25v5.5M12 10.75V6a2 2 0 0 0-2-2H8.5M10 2 8 4l2 2"/>',
  merged:
    '<circle cx="4" cy="3.5" r="1.75"/><circle cx="4" cy="12.5" r="1.75"/><circle cx="12" cy="8.5" r="1.75"/><path d="M4 5.25v5.5M4.5 5.2c.6 2.2 2.600 3.300 5.750 3.300"/>',
  closed:
    '<circle cx="4" cy="3.5" r="1.75"/><circle cx="4" cy="12.5" r="1.75"/><circle cx="12" cy="12.5" r="1.75"/><path d="M4 5.25v5.5M12 10.75V8M10 2l4 4M14 2l-4 4"/>',
  issue: '<circle cx="8" cy="8" r="6"/><circle cx="8" cy="8" r="1" fill="currentColor"/>',
  commit: '<circle cx="8" cy="8" r="3"/><path d="M0.500 8H5M11 8h4.500"/>',
  check: '<path d="m2.500 8.500 3.500 3.500 7.500-8"/>',
  cross: '<path d="m3.500 3.500 9 9M12.500 3.500l-9 9"/>',
  dot: '<circle cx="8" cy="8" r="4" fill="currentColor"/>',
  neutral: '<rect x="3" y="3" width="10" height="10" rx="2"/><path d="M5.500 8h5"/>',
  repository: '<path d="M3 2.500h9.500v11H4.500A1.500 1.500 0 0 1 3 12zM3 12a1.500 1.500 0 0 1 1.500-1.500h8"/>',
  file: '<path d="M3.500 1.750h6l3 3v9.500h-9zM9.500 1.750v3h3"/>',
  folder: '<path d="M1.500 3.250h4.500l1.500 2h7v7.500h-13z" fill="currentColor"/>',
  code: '<path d="m5.500 4-4 4 4 4M10.500 4l4 4-4 4"/>',
  rocket:
    '<path d="M9 2.500c2-1.200 4.500-1 4.500-1s.2 2.500-1 4.500L7.500 11 5 8.500zM5 8.500l-2.500.5 1-2.500L6 6M7.500 11 7 13.500l2.500-1L10 10M4 11.500 2 14"/>',
  comment: '<path d="M2 2.500h12v8.500H8L4.500 14v-3H2z"/>',
  tag: '<path d="M2 2.500h5.500l6.500 6.500-5 5L2.500 7.500zM5 5.500h.01"/>',
  eye: '<path d="M1.500 8s2.500-4.500 6.500-4.500S14.500 8 14.500 8 12 12.500 8 12.500 1.500 8 1.500 8z"/><circle cx="8" cy="8" r="2"/>',
} as const;

export type Icon = keyof typeof shapes;

export function icon(name: Icon, className = ''): Html {
  return new Html(
    `<svg class="icon ${className}" viewBox="0 0 16 16" width="16" height="16" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${shapes[name]}</svg>`,
  );
}

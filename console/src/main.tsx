import { render } from 'preact';
import { App } from './app.tsx';
import './page.css';
import { takeReturn } from './sign-in.ts';

const page = document.getElementById('page');
if (page === null) throw new Error('index.html has no element with the id "page"');
render(<App returned={takeReturn()} />, page);

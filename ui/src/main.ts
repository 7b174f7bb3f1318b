// The page's entry: asks for the tables at once, and mounts the page while they are on their way.
import { mount } from 'svelte'
import App from './App.svelte'
import { lake } from './lake/tables.svelte'
import './styles/tokens.css'
import './styles/base.css'

void lake.load()
mount(App, { target: document.getElementById('app')! })

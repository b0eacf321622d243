// Draws the charts from the options that lie beside them; the numbers stay readable without this.
for (const element of document.querySelectorAll('.chart')) {
  const option = JSON.parse(element.nextElementSibling.textContent);
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  const chart = echarts.init(element, dark ? 'dark' : null, { renderer: 'canvas' });
  chart.setOption(Object.assign({ backgroundColor: 'transparent', animation: false }, option));
  addEventListener('resize', () => chart.resize());
}

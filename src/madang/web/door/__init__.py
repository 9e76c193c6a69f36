"""The door of the web process: what happens to a request before Django sees it, and in which order they go in.

From outside inwards (`site/asgi.py` puts them together):

- `outer.Door` stamps the moment of arrival, believes proxies only where they are configured (`proxies`), and holds
  every request to the limits of its address (`rules`, `asked`, `bodies`);
- `web/keeper.py` answers with finished public pages;
- `queue.Queue` lets a bounded number into Django at once and the rest wait in turn (`places`, `plan`, `known`);
- `handler.Handler` is Django, run in as many threads as there are places.

What the door answers by itself is prepared at the start (`prepared`, `pages`). Nothing here but `handler` and
`prepared` imports Django.
"""

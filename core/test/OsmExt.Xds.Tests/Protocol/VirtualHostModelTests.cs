using CsCheck;
using OsmExt.Envoy;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Tests.Protocol;

/// <summary>
/// Random lives of a stream with a client that treats virtual hosts as Envoy does: whatever it dropped, forgot or came back with,
/// in the end each route configuration it has, has the hosts there are.
/// </summary>
public sealed class VirtualHostModelTests
{
    private const int Sequences = 5_000;
    private static readonly string[] Routes = ["r", "s"];
    private static readonly string[] Hosts = ["a", "b", "c"];

    private static readonly Gen<Step[]> Lives = Gen.Select(Gen.Int[0, 12], Gen.Int[0, 1], Gen.Int[0, 2], Gen.Int[1, 3], (kind, route, host, content) => new Step(kind, Routes[route], Hosts[host], content))
        .Array[5, 60];

    [Fact]
    public void In_the_end_every_route_configuration_has_its_hosts() => Lives.Sample(life => Live(life), Amount.Of(Sequences), print: Story);

    private static string Story(Step[] life)
    {
        var story = new List<string>();
        try
        {
            Live(life, story.Add);
        }
        catch (Exception e)
        {
            story.Add(e.Message);
        }

        return string.Join('\n', story);
    }

    private static void Live(Step[] life, Action<string>? tell = null)
    {
        var wire = Wire.Of("delta").Publish();
        wire.Tell = tell;
        var envoy = new ModelEnvoy(wire);
        var world = new Dictionary<string, XdsResource>(StringComparer.Ordinal);
        foreach (var (kind, route, host, content) in life)
        {
            var name = $"{route}/{host}";
            switch (kind)
            {
                case <= 2:
                    wire.Change(world[name] = Some.VirtualHost(name, content));
                    break;
                case 3 when world.Remove(name):
                    wire.Remove("VHDS", name);
                    break;
                case 4:
                    wire.Change(world[route] = Some.Route(route, content));
                    break;
                case 5 when world.Remove(route):
                    wire.Remove("RDS", route);
                    break;
                case 6:
                    envoy.Subscribe(route);
                    break;
                case 7:
                    envoy.Unsubscribe(route);
                    break;
                case <= 9:
                    envoy.Receive();
                    break;
                case <= 11:
                    envoy.Process(content > 1);
                    break;
                case 12 when content == 1:
                    envoy.Reconnect();
                    break;
            }
        }

        envoy.Settle();
        foreach (var route in Routes.Where(route => envoy.Has(route) && world.ContainsKey(route)))
        {
            var expected = world.Where(entry => entry.Key.StartsWith($"{route}/", StringComparison.Ordinal)).Select(entry => $"{entry.Key}@{entry.Value.Version}");
            Assert.Equal(expected.Order(StringComparer.Ordinal), envoy.HostsOf(route));
        }
    }

    private sealed record Step(int Kind, string Route, string Host, int Content);

    /// <summary>Envoy 1.40, as far as virtual hosts go. Its responses wait until it comes to them.</summary>
    private sealed class ModelEnvoy(Wire wire)
    {
        private readonly Queue<(string Type, XdsResponse Response)> _inbox = [];
        private readonly HashSet<string> _wanted = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _routes = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _hosts = new(StringComparer.Ordinal);

        // What it will say it has when it comes back. Envoy also claims hosts it dropped and was not told to remove; if the stream
        // breaks just then and nothing about their route configuration shows it, nobody can know. That is left out here.
        private readonly Dictionary<string, string> _routeVersions = new(StringComparer.Ordinal);
        private readonly Dictionary<string, string> _hostVersions = new(StringComparer.Ordinal);
        private bool _asksForHosts;

        public bool Has(string route) => _routes.ContainsKey(route);

        public IEnumerable<string> HostsOf(string route)
            => _hosts.Where(host => host.Key.StartsWith($"{route}/", StringComparison.Ordinal)).Select(host => $"{host.Key}@{host.Value}").Order(StringComparer.Ordinal);

        public void Subscribe(string route)
        {
            if (_wanted.Add(route))
            {
                wire.Ask("RDS", route);
            }
        }

        public void Unsubscribe(string route)
        {
            if (_wanted.Remove(route))
            {
                _routes.Remove(route);
                _routeVersions.Remove(route);
                foreach (var host in _hosts.Keys.Where(host => host.StartsWith($"{route}/", StringComparison.Ordinal)).ToList())
                {
                    _hosts.Remove(host);
                    _hostVersions.Remove(host);
                }

                wire.Unsubscribe("RDS", route);
            }
        }

        public void Receive()
        {
            if (wire.Next() is { } line)
            {
                var type = line.Split(' ')[0];
                _inbox.Enqueue((type, wire.Last[type]));
            }
        }

        public void Process(bool acknowledgeFirst)
        {
            if (!_inbox.TryDequeue(out var next))
            {
                return;
            }

            foreach (var resource in next.Response.Resources)
            {
                Take(next.Type, resource);
            }

            foreach (var name in next.Response.Removed)
            {
                _routeVersions.Remove(name);
                if (next.Type == "VHDS")
                {
                    _hosts.Remove(name);
                    _hostVersions.Remove(name);
                }
            }

            var begins = !_asksForHosts && _routes.Count > 0;
            _asksForHosts |= begins;
            if (begins && !acknowledgeFirst)
            {
                wire.Ask("VHDS");
            }

            wire.Say(next.Type, next.Response.Nonce);
            if (begins && acknowledgeFirst)
            {
                wire.Ask("VHDS");
            }
        }

        public void Reconnect()
        {
            _inbox.Clear();
            wire.Reconnect();
            Action[] first = [
                () => wire.Resume("RDS", new(_routeVersions), [.. _wanted]),
                () => wire.Resume("VHDS", new(_hostVersions)),
            ];
            foreach (var say in first.Where((_, index) => index == 0 ? _wanted.Count > 0 : _asksForHosts))
            {
                say();
            }
        }

        public void Settle()
        {
            for (var round = 0; round < 100; round++)
            {
                Receive();
                Process(acknowledgeFirst: true);
                if (_inbox.Count == 0 && wire.State.Hold() is { } hold)
                {
                    wire.Clock.Advance(hold);
                }
            }
        }

        private void Take(string type, XdsResource resource)
        {
            if (type == "VHDS")
            {
                if (_routes.ContainsKey(resource.Name.Split('/')[0]))
                {
                    _hosts[resource.Name] = _hostVersions[resource.Name] = resource.Version;
                }
            }
            else if (_wanted.Contains(resource.Name))
            {
                _routes[resource.Name] = _routeVersions[resource.Name] = resource.Version;
            }
        }
    }
}

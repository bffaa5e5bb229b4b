using Envoy.Config.Route.V3;
using OsmExt.Envoy;

namespace OsmExt.Testing.Xds;

/// <summary>
/// Does what Envoy does on a stream: asks for all listeners and clusters, then by name for what these refer to, and accepts
/// everything unless the test objects.
/// </summary>
internal sealed class TestProxy : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly string[] ByName = [TypeUrls.Endpoint, TypeUrls.Route, TypeUrls.Secret];

    private readonly Lock _lock = new();
    private readonly AdsTestClient _client;
    private readonly ProxyWire _wire;
    private readonly Task _running;
    private readonly Dictionary<string, SortedDictionary<string, Held>> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private readonly List<string> _log = [];

    public TestProxy(AdsTestClient client, string variant, TestProxy? before = null)
    {
        _client = client;
        _wire = variant == "delta" ? new DeltaWire(client.OpenDelta()) : new SotwWire(client.OpenStateOfTheWorld());
        foreach (var (type, held) in before?._held ?? [])
        {
            _held[type] = new(held, StringComparer.Ordinal);
        }

        _running = Task.Run(RunAsync);
    }

    /// <summary>Why a response is refused, by its printed line; null accepts it.</summary>
    public Func<string, string?> Objection { get; set; } = _ => null;

    /// <summary>The same, by what the response holds.</summary>
    public Func<Response, string?> Refusal { get; set; } = _ => null;

    /// <summary>How many responses were refused.</summary>
    public int Refused { get; private set; }

    public long BytesReceived => _client.BytesReceived;

    /// <summary>Every response, as <c>CDS a b -c</c>: clusters a and b, and that c is gone.</summary>
    public string[] Log
    {
        get
        {
            lock (_lock)
            {
                return [.. _log];
            }
        }
    }

    /// <summary>Whether every type that was asked for was answered, and everything that is referred to is there.</summary>
    public bool IsComplete
    {
        get
        {
            lock (_lock)
            {
                return _answered.Contains(TypeUrls.Listener) && _answered.Contains(TypeUrls.Cluster)
                    && ByName.Select(type => (type, names: Wanted(type)))
                        .All(entry => entry.names.Count == 0 || (_answered.Contains(entry.type) && entry.names.All(Of(entry.type).ContainsKey)));
            }
        }
    }

    public Held? Find(string type, string name)
    {
        lock (_lock)
        {
            return Of(type).GetValueOrDefault(name);
        }
    }

    public IReadOnlyDictionary<string, Held> All(string type)
    {
        lock (_lock)
        {
            return new Dictionary<string, Held>(Of(type), StringComparer.Ordinal);
        }
    }

    public void ForgetLog()
    {
        lock (_lock)
        {
            _log.Clear();
        }
    }

    /// <summary>Waits, and fails when the stream ends first.</summary>
    public async Task UntilAsync(Func<bool> condition)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition() && !_running.IsCompleted)
        {
            if (TimeProvider.System.GetElapsedTime(start) > Bound)
            {
                throw new TimeoutException($"It did not happen within {Bound}: {string.Join('\n', Log)}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
        }

        if (!condition())
        {
            await _running.ConfigureAwait(false);
            throw new InvalidOperationException("The stream ended.");
        }
    }

    /// <summary>Waits for the hosts that come by themselves, where some do: they are asked for last.</summary>
    public Task HasHostsAsync() => UntilAsync(() =>
    {
        lock (_lock)
        {
            return _answered.Contains(TypeUrls.VirtualHost) || !Of(TypeUrls.Route).Values.Any(held => held.Message is RouteConfiguration { Vhds: not null });
        }
    });

    public async ValueTask DisposeAsync()
    {
        await _wire.DisposeAsync().ConfigureAwait(false);
        await _client.DisposeAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private SortedDictionary<string, Held> Of(string type) => _held.GetValueOrDefault(type) ?? new(StringComparer.Ordinal);

    private SortedSet<string> Wanted(string type) => new(
        Of(TypeUrls.Listener).Values.Concat(Of(TypeUrls.Cluster).Values).SelectMany(held => References.Of(held.Message))
            .Where(reference => reference.TypeUrl == type).Select(reference => reference.Name), StringComparer.Ordinal);

    private async Task RunAsync()
    {
        await _wire.AskAsync(TypeUrls.Cluster, [], [], Versions(TypeUrls.Cluster)).ConfigureAwait(false);
        await _wire.AskAsync(TypeUrls.Listener, [], [], Versions(TypeUrls.Listener)).ConfigureAwait(false);
        while (true)
        {
            var response = await _wire.NextAsync().ConfigureAwait(false);
            var line = string.Join(' ', response.Resources.Select(resource => resource.Name).Order(StringComparer.Ordinal)
                .Prepend(Abbreviation(response.TypeUrl)).Concat(response.Removed.Select(name => "-" + name)));
            var objection = Objection(line) ?? Refusal(response);
            if (objection is null)
            {
                Take(response);
            }
            else
            {
                Refused++;
            }

            // Before it is answered: once the server has all answers, the log is complete.
            lock (_lock)
            {
                _answered.Add(response.TypeUrl);
                _log.Add(line);
            }

            await _wire.AnswerAsync(response, objection).ConfigureAwait(false);
            foreach (var type in ByName)
            {
                await AskAsync(type).ConfigureAwait(false);
            }

            await AskForHostsAsync().ConfigureAwait(false);
        }
    }

    // Once, for all of them, when a route configuration first says that its hosts come by themselves.
    private async Task AskForHostsAsync()
    {
        bool wanted;
        lock (_lock)
        {
            wanted = !_asked.ContainsKey(TypeUrls.VirtualHost) && Of(TypeUrls.Route).Values.Any(held => held.Message is RouteConfiguration { Vhds: not null });
        }

        if (wanted)
        {
            _asked[TypeUrls.VirtualHost] = [];
            await _wire.AskAsync(TypeUrls.VirtualHost, [], [], Versions(TypeUrls.VirtualHost)).ConfigureAwait(false);
        }
    }

    private void Take(Response response)
    {
        lock (_lock)
        {
            var held = _held.GetValueOrDefault(response.TypeUrl);
            _held[response.TypeUrl] = held = held is null || response.IsEverything ? new(StringComparer.Ordinal) : held;
            foreach (var resource in response.Resources)
            {
                held[resource.Name] = resource;
            }

            foreach (var name in response.Removed)
            {
                held.Remove(name);
            }
        }
    }

    private async Task AskAsync(string type)
    {
        string[] wanted, before;
        lock (_lock)
        {
            wanted = [.. Wanted(type)];
            before = _asked.GetValueOrDefault(type, []);
        }

        if (!wanted.SequenceEqual(before, StringComparer.Ordinal))
        {
            var versions = _asked.ContainsKey(type) ? [] : Versions(type);
            _asked[type] = wanted;
            await _wire.AskAsync(type, wanted, before, versions).ConfigureAwait(false);
        }
    }

    private Dictionary<string, string> Versions(string type)
    {
        lock (_lock)
        {
            return Of(type).ToDictionary(held => held.Key, held => held.Value.Version, StringComparer.Ordinal);
        }
    }

    private static string Abbreviation(string type) => type switch
    {
        TypeUrls.Cluster => "CDS",
        TypeUrls.Endpoint => "EDS",
        TypeUrls.Listener => "LDS",
        TypeUrls.Route => "RDS",
        TypeUrls.VirtualHost => "VHDS",
        TypeUrls.Secret => "SDS",
        _ => type,
    };
}

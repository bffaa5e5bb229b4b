using System.Globalization;
using System.Text;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>
/// Keeps a sink the same as a server's objects of one kind: lists them, then watches what changes, from exactly there. A watch that breaks is taken up where it broke;
/// everything is listed again only when the server has forgotten that moment.
/// </summary>
internal sealed class Reflector
{
    private const int MaxBroken = 3;

    private readonly ClusterClient _client;
    private readonly ApiResource _resource;
    private readonly IReflectorSink _sink;
    private readonly ReflectorShare _share;
    private readonly ReflectorOptions _options;
    private readonly Backoff _backoff;
    private bool _streams;
    private string? _version;
    private bool _isSynced;
    private int _broken;
    private int _doubted;
    private bool _isSure;

    public Reflector(ClusterClient client, ApiResource resource, IReflectorSink sink, ReflectorShare share)
    {
        (_client, _resource, _sink, _share, _options) = (client, resource, sink, share, share.Options);
        (_streams, _backoff) = (_options.Streams, new(_options.FirstWait, _options.LongestWait, share.Random));
    }

    /// <summary>The namespace whose objects are wanted; empty for all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>The name of the only object that is wanted; empty for all.</summary>
    public string Name { get; init; } = "";

    /// <summary>Whether names, labels and the rest of the metadata are all that is wanted.</summary>
    public bool MetadataOnly { get; init; }

    /// <summary>Is told what is wrong, and with null that nothing is any more.</summary>
    public Action<string?> Trouble { get; init; } = static _ => { };

    /// <summary>Is told that objects are kept though a list lacks them, and whether the server is another cluster's; with null that none are any more.</summary>
    public Action<Doubt?, bool> Doubted { get; init; } = static (_, _) => { };

    private string Path => Namespace.Length == 0 ? _resource.All : _resource.In(Namespace);

    /// <summary>Goes on until cancelled, or until the server does not serve the kind.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            TimeSpan wait;
            var start = _share.Time.GetTimestamp();
            try
            {
                await StepAsync(cancellationToken).ConfigureAwait(false);
                if (_share.Time.GetElapsedTime(start) >= _options.Healthy)
                {
                    _backoff.Reset();
                    continue;
                }

                // A server, or something on the way, that ends each watch at once must not be asked without a pause.
                wait = _backoff.Next();
            }
            catch (DoubtedListException list)
            {
                wait = _options.DoubtPause;
                await DoubtAsync(list.Doubt, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterCallException refusal) when (refusal.IsNotFound)
            {
                return;
            }
            catch (ClusterCallException refusal)
            {
                wait = Refused(refusal);
            }
            catch (InvalidDataException failure)
            {
                wait = Broken(failure.Message);
            }
            catch (Exception failure) when (failure is HttpRequestException or IOException)
            {
                wait = _backoff.Next();
                Trouble(failure.Message);
            }

            await Task.Delay(wait, _share.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task StepAsync(CancellationToken cancellationToken)
    {
        if (_version is not null)
        {
            await WatchAsync(initial: false, cancellationToken).ConfigureAwait(false);
        }
        else if (_streams)
        {
            await WatchAsync(initial: true, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            using (await _share.EnterListAsync(cancellationToken).ConfigureAwait(false))
            {
                await ListAsync(cancellationToken).ConfigureAwait(false);
            }

            await WatchAsync(initial: false, cancellationToken).ConfigureAwait(false);
        }
    }

    // Believed when it was said often enough, by the same cluster; by another one never, for what that lacks says nothing about what was here.
    private async Task DoubtAsync(Doubt doubt, CancellationToken cancellationToken)
    {
        _version = null;
        _doubted++;
        var isSame = await _share.Cluster.IsSameAsync(_client, cancellationToken).ConfigureAwait(false);
        _isSure = isSame && _doubted >= _options.DoubtedLists - 1;
        Doubted(doubt, !isSame);
    }

    private TimeSpan Refused(ClusterCallException refusal)
    {
        if (refusal.IsGone)
        {
            _version = null;
            return _backoff.Next();
        }

        // Servers without streaming lists do not know the parameters, or do not allow them.
        if (_version is null && _streams && refusal.Status is 400 or 405 or 406 or 422)
        {
            _streams = false;
            return TimeSpan.Zero;
        }

        Trouble(refusal.Message);
        return _backoff.Next(refusal.RetryAfter);
    }

    // The same broken line again and again is one that the server has; a list shows the object without it.
    private TimeSpan Broken(string reason)
    {
        if (++_broken >= MaxBroken)
        {
            (_version, _broken) = (null, 0);
            _streams = false;
        }

        Trouble(reason);
        return _backoff.Next();
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        _client.Observer.Listing(_resource.Plural, _isSynced);
        string next = "", version;
        var limit = _options.PageSize;
        _sink.Begin();
        do
        {
            ListPage page;
            try
            {
                page = await PageAsync(limit, next, cancellationToken).ConfigureAwait(false);
            }
            catch (ClusterCallException refusal) when (refusal.IsGone && next.Length > 0)
            {
                // What the pages belong to is forgotten. One large answer cannot be.
                (next, limit, version) = ("", 0, "");
                _sink.Begin();
                continue;
            }

            foreach (var item in page.Items)
            {
                _sink.Listed(Read(item));
            }

            (version, next) = (page.ResourceVersion, page.Continue);
        }
        while (next.Length > 0 || version.Length == 0);

        Synced(version);
    }

    private async Task<ListPage> PageAsync(int limit, string next, CancellationToken cancellationToken)
    {
        var query = Query(("limit", limit == 0 ? "" : limit.ToString(CultureInfo.InvariantCulture)), ("continue", next));
        using var silence = new CancellationTokenSource(_options.ListSilence, _share.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            using var response = await _client.OpenAsync(Call("list", query), either.Token).ConfigureAwait(false);
            return ListPage.Read(await response.Content.ReadAsByteArrayAsync(either.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new HttpRequestException("The API server takes too long to send a list");
        }
    }

    private async Task WatchAsync(bool initial, CancellationToken cancellationToken)
    {
        var seconds = (int)(_options.WatchTimeout.TotalSeconds * (1 + _share.NextDouble()));
        var query = Query(("watch", "1"), ("allowWatchBookmarks", "true"), ("timeoutSeconds", Math.Max(1, seconds).ToString(CultureInfo.InvariantCulture)),
            initial ? ("sendInitialEvents", "true") : ("resourceVersion", _version!), ("resourceVersionMatch", initial ? "NotOlderThan" : ""));
        IDisposable? turn = initial ? await _share.EnterListAsync(cancellationToken).ConfigureAwait(false) : null;
        using var silence = new CancellationTokenSource(initial ? _options.ListSilence : TimeSpan.FromSeconds(seconds) + _options.WatchGrace, _share.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silence.Token, cancellationToken);
        try
        {
            using var response = await _client.OpenAsync(Call("watch", query), either.Token).ConfigureAwait(false);
            if (initial)
            {
                _client.Observer.Listing(_resource.Plural, _isSynced);
                _sink.Begin();
            }

            var stream = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            await using (stream.ConfigureAwait(false))
            {
                await foreach (var next in WatchEvents.ReadAsync(stream, either.Token).ConfigureAwait(false))
                {
                    if (_version is null)
                    {
                        silence.CancelAfter(_options.ListSilence);
                    }

                    if (Take(next))
                    {
                        turn?.Dispose();
                        silence.CancelAfter(TimeSpan.FromSeconds(seconds) + _options.WatchGrace);
                    }
                }
            }

            if (_version is null)
            {
                // A server that ignores the parameters never says that this was all.
                _streams = false;
                throw new InvalidDataException("The API server's streaming list ended before it was complete");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            _streams &= _version is not null;
            throw new HttpRequestException("Nothing comes from the API server any more");
        }
        finally
        {
            turn?.Dispose();
        }
    }

    /// <summary>Whether the event completed the list.</summary>
    private bool Take(WatchEvent next)
    {
        if (next.Type == "ERROR")
        {
            throw Failure(next);
        }

        var found = Read(next.Json);
        if (IsOlder(found.ResourceVersion))
        {
            // It came before, or before something that came already: a watch goes forward only. Were it taken, what is gone could come back.
            return false;
        }

        switch (next.Type)
        {
            case "BOOKMARK" when _version is null && found.EndsInitialEvents:
                Synced(found.ResourceVersion);
                return true;
            case "ADDED" or "MODIFIED" when _version is null:
                _sink.Listed(found);
                return false;
            case "ADDED" or "MODIFIED":
                _sink.Changed(found);
                break;
            case "DELETED":
                _sink.Deleted(found);
                break;
            case "BOOKMARK":
                break;
            default:
                throw new InvalidDataException($"The watch sends an event of type {next.Type}, which means nothing here");
        }

        if (_version is not null)
        {
            Advance(found.ResourceVersion);
        }

        return false;
    }

    // Versions of one kind are numbers that grow; where they are not, nothing is older.
    private bool IsOlder(string version) => ulong.TryParse(version, NumberStyles.None, CultureInfo.InvariantCulture, out var one)
        && ulong.TryParse(_version, NumberStyles.None, CultureInfo.InvariantCulture, out var last) && one < last;

    private void Synced(string version)
    {
        if (_sink.End(_isSure) is { } doubt)
        {
            throw new DoubtedListException(doubt);
        }

        if (_doubted > 0)
        {
            (_doubted, _isSure) = (0, false);
            Doubted(null, false);
        }

        _isSynced = true;
        Advance(version);
    }

    private void Advance(string version)
    {
        if (version.Length == 0)
        {
            throw new InvalidDataException("The API server sends something without a resourceVersion");
        }

        _version = version;
        _broken = 0;
        _backoff.Reset();
        Trouble(null);
    }

    private ClusterCallException Failure(WatchEvent error)
    {
        var text = Encoding.UTF8.GetString(error.Json.Span);
        var code = ClusterCallException.CodeIn(text);
        // Not found within a watch is not the kind's absence.
        return new(Call("watch", ""), code == 404 ? 500 : code, ClusterCallException.MessageIn(text));
    }

    private static ApiObject Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            return ApiObject.Read(json);
        }
        catch (Exception failure) when (failure is System.Text.Json.JsonException or InvalidOperationException)
        {
            throw new InvalidDataException("The API server sends something that is no object", failure);
        }
    }

    private ApiCall Call(string verb, string query) => new(verb, _resource.Plural, Path) { Query = query, Accept = !MetadataOnly ? ApiCall.Json : verb == "list" ? ApiCall.MetadataList : ApiCall.MetadataWatch };

    private string Query(params (string Name, string Value)[] parameters)
    {
        var all = Name.Length == 0 ? parameters : [.. parameters, ("fieldSelector", $"metadata.name={Name}")];
        return string.Join('&', all.Where(parameter => parameter.Value.Length > 0).Select(parameter => $"{parameter.Name}={Uri.EscapeDataString(parameter.Value)}"));
    }

    private sealed class DoubtedListException(Doubt doubt) : Exception
    {
        public Doubt Doubt => doubt;
    }
}

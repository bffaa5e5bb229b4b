namespace OsmExt.Fleet.Proxies;

/// <summary>The name of a resource of one type, known once to all proxies of the process, with the contents that were seen under it.</summary>
internal sealed class ResourceName(string typeUrl, string text)
{
    private readonly Lock _lock = new();
    private readonly List<Payload> _payloads = [];

    public string TypeUrl => typeUrl;

    public string Text => text;

    /// <summary>The content, found by its bytes; newest first, since that is what most proxies are sent.</summary>
    public Payload Holding(ReadOnlySpan<byte> value, ReadOnlySpan<byte> version)
    {
        var digest = Payload.DigestOf(value);
        lock (_lock)
        {
            for (var at = _payloads.Count - 1; at >= 0; at--)
            {
                if (_payloads[at].Content == digest)
                {
                    return _payloads[at];
                }
            }

            var payload = Payload.Of(this, value, System.Text.Encoding.ASCII.GetString(version));
            _payloads.Add(payload);
            return payload;
        }
    }

    public override string ToString() => text;
}

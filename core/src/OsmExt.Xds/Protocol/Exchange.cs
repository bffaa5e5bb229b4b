using OsmExt.Envoy;

namespace OsmExt.Xds.Protocol;

/// <summary>
/// The conversation about one type: at most one response is on its way, and whatever the client says is about that response,
/// about an earlier one, or about none.
/// </summary>
internal sealed class Exchange(StreamContext context)
{
    private string _lastNonce = "";

    /// <summary>The response the client has not answered yet.</summary>
    public InFlight? InFlight { get; private set; }

    /// <summary>What a request that is not the first of its type means.</summary>
    public RequestCase Classify(TypeRequest request)
    {
        if (context.Variant == XdsVariant.Delta && request.Nonce.Length == 0)
        {
            return RequestCase.Subscription;
        }

        if (!string.Equals(request.Nonce, _lastNonce, StringComparison.Ordinal))
        {
            return RequestCase.Stale;
        }

        if (InFlight is null)
        {
            // Answered before. A state-of-the-world client repeats the nonce whenever it changes its mind about names.
            return context.Variant == XdsVariant.Delta || request.Error is not null ? RequestCase.Stale : RequestCase.Subscription;
        }

        return request.Error is null ? RequestCase.Ack : RequestCase.Nack;
    }

    /// <summary>A response goes out. Returns its nonce.</summary>
    public string Open(IReadOnlyList<XdsResource> changed, long revision, long? since)
    {
        _lastNonce = context.Nonces.Next();
        InFlight = new(_lastNonce, changed, revision, context.Clock.GetTimestamp(), since);
        return _lastNonce;
    }

    public void Written(long timestamp) => InFlight = InFlight is null ? null : InFlight with { SentAt = timestamp, IsWritten = true };

    /// <summary>The client has answered. Returns what it answered to.</summary>
    public InFlight Close()
    {
        var answered = InFlight!;
        InFlight = null;
        return answered;
    }

    /// <summary>Whether a response unanswered since less than the hold timeout is on its way.</summary>
    public bool IsUnanswered(long now) => InFlight is not null && context.HoldLeft(InFlight.SentAt, now) > TimeSpan.Zero;
}

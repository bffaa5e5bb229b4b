namespace OsmExt.ControlPlane.Http;

/// <summary>Whether this process goes on serving.</summary>
internal sealed class Readiness
{
    private volatile bool _isDraining;
    private volatile bool _awaitsWebhooks;

    /// <summary>The API server does not know its webhooks yet.</summary>
    public bool AwaitsWebhooks
    {
        get => _awaitsWebhooks;
        set => _awaitsWebhooks = value;
    }

    /// <summary>It is about to stop; nobody is to be sent to it any more.</summary>
    public bool IsDraining
    {
        get => _isDraining;
        set => _isDraining = value;
    }
}

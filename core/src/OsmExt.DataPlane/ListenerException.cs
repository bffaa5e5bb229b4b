namespace OsmExt.DataPlane;

/// <summary>A listener cannot be bound to its address.</summary>
/// <param name="listener">Its name.</param>
/// <param name="reason">Why.</param>
internal sealed class ListenerException(string listener, string reason) : Exception($"listener {listener}: {reason}")
{
    public string Listener { get; } = listener;
}

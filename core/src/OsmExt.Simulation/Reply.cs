namespace OsmExt.Simulation;

/// <summary>The end of a request that no application sees, or the application's own answer.</summary>
/// <param name="Status">The HTTP status; null when a connection is refused or closed.</param>
/// <param name="Reason">Why, as a clause.</param>
internal sealed record Reply(int? Status, string Reason)
{
    public static Reply Of(int status, string reason) => new(status, reason);

    public static Reply Closed(string reason) => new(null, reason);
}

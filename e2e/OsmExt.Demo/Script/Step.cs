using OsmExt.Demo.Traffic;

namespace OsmExt.Demo.Script;

/// <summary>One change of policy and what it should do.</summary>
/// <param name="Title">What it is for.</param>
/// <param name="Target">The file that changes, named from the mesh's directory; empty when none does.</param>
/// <param name="File">The file that takes its place, named from the directory of steps; null when the target is removed.</param>
/// <param name="Shows">Whether a request shows that the change is in force (true) or that it is not yet (false); null when it tells nothing.</param>
/// <param name="Samples">How many requests for the bookstore to judge it by.</param>
/// <param name="Expectations">What must hold then.</param>
internal sealed record Step(
    string Title, string Target, string? File, Func<Exchange, bool?> Shows, int Samples, IReadOnlyList<Func<Observed, Check>> Expectations)
{
    /// <summary>The first request that shows the change with none after it that denies it; null when there is none.</summary>
    public Exchange? Effect(IReadOnlyList<Exchange> exchanges)
    {
        Exchange? effect = null;
        foreach (var exchange in exchanges)
        {
            effect = Shows(exchange) switch
            {
                true => effect ?? exchange,
                false => null,
                null => effect,
            };
        }

        return effect;
    }

    /// <summary>What was sent from the effect on. Two clients' requests of the same millisecond are told apart by their order.</summary>
    public IReadOnlyList<Exchange> Settled(IReadOnlyList<Exchange> exchanges)
        => Effect(exchanges) is { } effect ? [.. exchanges.SkipWhile(exchange => !ReferenceEquals(exchange, effect))] : [];
}

/// <summary>How a step went.</summary>
/// <param name="InForce">From the file's change to the answer of the first request that shows it, in milliseconds; null when none does.</param>
/// <param name="Change">What the control plane says about it; null when it says nothing, or nothing was changed.</param>
/// <param name="Acknowledged">From the file's change to the last Envoy's acknowledgement, in milliseconds.</param>
/// <param name="Seen">The traffic it was judged by.</param>
/// <param name="Checks">The expectations.</param>
internal sealed record StepResult(
    Step Step, double? InForce, Mesh.Change? Change, double? Acknowledged, IReadOnlyList<Exchange> Seen, IReadOnlyList<Check> Checks)
{
    public bool Held => Checks.All(check => check.Held);
}

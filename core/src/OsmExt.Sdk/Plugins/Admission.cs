using OsmExt.Sdk.Collections;

namespace OsmExt.Sdk.Plugins;

/// <summary>
/// Says whether an object of the plugin's kinds may count, where neither its schema nor rules in it can. The class that implements <see cref="IPlugin"/> implements
/// it too, for the kinds that the manifest says are <c>reviewed</c>. It is a function of the one object, as that is: what an object means together with others
/// is for <see cref="IPlugin.Contribute"/> to say.
/// </summary>
public interface IAdmissionRule
{
    /// <summary>Why the object is refused; nothing when it may count.</summary>
    /// <param name="resource">The object, in the first version of its kind, after its schema and the rules in it.</param>
    EquatableArray<Refusal> Review(PluginResource resource);
}

/// <summary>Why an object does not count.</summary>
/// <param name="Field">Path of the field, for example <c>spec.hosts[1]</c>; may be empty.</param>
/// <param name="Message">What is wrong, in one sentence.</param>
/// <param name="Advice">What to do about it.</param>
public sealed record Refusal(string Field, string Message, string Advice);

/// <summary>
/// A rule that values must keep to, in the Common Expression Language (<c>x-kubernetes-validations</c>). It is worked out by the mesh, in steps that are counted.
/// </summary>
/// <param name="Rule">True for what is allowed; <c>self</c> is the value.</param>
/// <param name="Message">What is wrong when it is false, for people.</param>
public sealed record ConfigRule(string Rule, string Message)
{
    /// <summary>The field below the value that is at fault, like <c>.least</c>; empty for the value itself.</summary>
    public string FieldPath { get; init; } = "";
}

/// <summary>
/// A rule for schemas that are made of C# types: on a record it is about the object, on a property or a record's parameter about that field. Fields are called as
/// they are in manifests.
/// </summary>
/// <param name="rule">True for what is allowed; <c>self</c> is the value.</param>
/// <param name="message">What is wrong when it is false, for people.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Property | AttributeTargets.Parameter, AllowMultiple = true)]
public sealed class CelRuleAttribute(string rule, string message) : Attribute
{
    /// <summary>True for what is allowed.</summary>
    public string Rule { get; } = rule;

    /// <summary>What is wrong when it is false.</summary>
    public string Message { get; } = message;

    /// <summary>The field below the value that is at fault, like <c>.least</c>; empty for the value itself.</summary>
    public string FieldPath { get; init; } = "";
}
